using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>nfstime3, RFC 1813 §2.6: seconds since 1970 without sign, so it ends in 2106.</summary>
public readonly record struct Nfs3Time(uint Seconds, uint Nanoseconds)
{
    /// <summary>False for a nanosecond part of a second or more, which XDR can carry but no clock shows.</summary>
    public bool IsValid => Nanoseconds < 1_000_000_000;

    internal static Nfs3Time Read(ref XdrReader reader) => new(reader.ReadUInt32(), reader.ReadUInt32());

    internal void Write(XdrWriter writer)
    {
        writer.WriteUInt32(Seconds);
        writer.WriteUInt32(Nanoseconds);
    }
}
