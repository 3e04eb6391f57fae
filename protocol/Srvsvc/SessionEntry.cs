using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>A session as SESSION_INFO_0, 1, 2, 10 and 502 tell it, MS-SRVS 2.2.4.11 to 2.2.4.15.</summary>
public sealed record SessionEntry : INdrEntry
{
    public required string ClientName { get; init; }

    public required string UserName { get; init; }

    public uint Opens { get; init; }

    public uint ActiveSeconds { get; init; }

    public uint IdleSeconds { get; init; }

    public static bool IsKnown(uint level) => level is 0 or 1 or 2 or 10 or 502;

    public int Bytes(uint level) => 64 + (2 * (ClientName.Length + UserName.Length));

    public void WriteFixed(NdrWriter writer, uint level)
    {
        writer.WritePointer();
        if (level == 0) return;

        writer.WritePointer();
        if (level != 10) writer.WriteUInt32(Opens);
        writer.WriteUInt32(ActiveSeconds);
        writer.WriteUInt32(IdleSeconds);
        if (level == 10) return;

        writer.WriteUInt32(0);
        if (level is 2 or 502) writer.WritePointer();
        if (level == 502) writer.WritePointer();
    }

    public void WritePointees(NdrWriter writer, uint level)
    {
        writer.WriteString(ClientName);
        if (level == 0) return;

        writer.WriteString(UserName);

        // Client type and transport, which nobody has known since LAN Manager.
        if (level is 2 or 502) writer.WriteString("");
        if (level == 502) writer.WriteString("");
    }
}
