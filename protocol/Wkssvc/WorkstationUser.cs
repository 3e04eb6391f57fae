using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Wkssvc;

/// <summary>A user who is logged on, as WKSTA_USER_INFO_0 and 1 tell it, MS-WKST 2.2.5.9 and 2.2.5.10.</summary>
public sealed record WorkstationUser(string Name, string Domain) : INdrEntry
{
    public static bool IsKnown(uint level) => level is 0 or 1;

    public int Bytes(uint level) => 48 + (2 * (Name.Length + Domain.Length + Domain.Length));

    public void WriteFixed(NdrWriter writer, uint level)
    {
        writer.WritePointer();
        if (level == 0) return;

        writer.WritePointer();
        writer.WritePointer();
        writer.WritePointer();
    }

    public void WritePointees(NdrWriter writer, uint level)
    {
        writer.WriteString(Name);
        if (level == 0) return;

        writer.WriteString(Domain);
        writer.WriteString("");
        writer.WriteString(Domain);
    }
}
