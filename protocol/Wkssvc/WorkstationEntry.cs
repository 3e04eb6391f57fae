using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Srvsvc;

namespace Gateway.Protocol.Wkssvc;

/// <summary>The server as WKSTA_INFO_100, 101 and 102 tell it, MS-WKST 2.2.5.1 to 2.2.5.3.</summary>
public sealed record WorkstationEntry(string Name, string Workgroup, uint LoggedOnUsers) : INdrEntry
{
    public static bool IsKnown(uint level) => level is 100 or 101 or 102;

    public int Bytes(uint level) => 64 + (2 * (Name.Length + Workgroup.Length));

    public void WriteFixed(NdrWriter writer, uint level)
    {
        writer.WriteUInt32(SrvsvcProtocol.PlatformNt);
        writer.WritePointer();
        writer.WritePointer();
        writer.WriteUInt32(SrvsvcProtocol.VersionMajor);
        writer.WriteUInt32(SrvsvcProtocol.VersionMinor);
        if (level >= 101) writer.WritePointer();
        if (level >= 102) writer.WriteUInt32(LoggedOnUsers);
    }

    public void WritePointees(NdrWriter writer, uint level)
    {
        writer.WriteString(Name);
        writer.WriteString(Workgroup);
        if (level >= 101) writer.WriteString("");
    }
}
