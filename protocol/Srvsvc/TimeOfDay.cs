using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>TIME_OF_DAY_INFO, MS-SRVS 2.2.4.105, the answer of NetrRemoteTOD. In UTC: a server has no place.</summary>
public readonly record struct TimeOfDay(long UnixMilliseconds, uint Uptime)
{
    /// <summary>Tenths of milliseconds between two ticks of the clock.</summary>
    private const uint TickInterval = 310;

    public void Write(NdrWriter writer)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(UnixMilliseconds);
        writer.WritePointer();
        writer.WriteUInt32(unchecked((uint)(UnixMilliseconds / 1000)));
        writer.WriteUInt32(Uptime);
        writer.WriteUInt32((uint)now.Hour);
        writer.WriteUInt32((uint)now.Minute);
        writer.WriteUInt32((uint)now.Second);
        writer.WriteUInt32((uint)now.Millisecond / 10);
        writer.WriteInt32(0);
        writer.WriteUInt32(TickInterval);
        writer.WriteUInt32((uint)now.Day);
        writer.WriteUInt32((uint)now.Month);
        writer.WriteUInt32((uint)now.Year);
        writer.WriteUInt32((uint)now.DayOfWeek);
        writer.WriteUInt32((uint)Win32Error.Success);
    }
}
