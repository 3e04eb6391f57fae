using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>The server as SERVER_INFO_100, 101 and 102 tell it, MS-SRVS 2.2.4.40 to 2.2.4.42.</summary>
public sealed record ServerEntry(string Name, string Comment) : INdrEntry
{
    /// <summary>SV_TYPE_WORKSTATION, SERVER, NT and SERVER_NT, MS-SRVS 2.2.2.7.</summary>
    private const uint Type = 0x00009003;

    private const uint Unlimited = uint.MaxValue;

    private const uint NeverDisconnects = 0xFFFFFFFF;

    /// <summary>Seconds between announcements, of which there are none, and what they may be late by.</summary>
    private const uint AnnounceSeconds = 240;

    private const uint AnnounceDelta = 3000;

    public static bool IsKnown(uint level) => level is 100 or 101 or 102;

    public int Bytes(uint level) => 64 + (2 * (Name.Length + Comment.Length));

    public void WriteFixed(NdrWriter writer, uint level)
    {
        writer.WriteUInt32(SrvsvcProtocol.PlatformNt);
        writer.WritePointer();
        if (level == 100) return;

        writer.WriteUInt32(SrvsvcProtocol.VersionMajor);
        writer.WriteUInt32(SrvsvcProtocol.VersionMinor);
        writer.WriteUInt32(Type);
        writer.WritePointer();
        if (level == 101) return;

        writer.WriteUInt32(Unlimited);
        writer.WriteUInt32(NeverDisconnects);
        writer.WriteUInt32(0);
        writer.WriteUInt32(AnnounceSeconds);
        writer.WriteUInt32(AnnounceDelta);
        writer.WriteUInt32(Unlimited);
        writer.WritePointer();
    }

    public void WritePointees(NdrWriter writer, uint level)
    {
        writer.WriteString(Name);
        if (level == 100) return;

        writer.WriteString(Comment);
        if (level == 102) writer.WriteString("");
    }
}
