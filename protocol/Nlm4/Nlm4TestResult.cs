using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_testres, RFC 1813 §6.1.4: who is in the way, when the status is Denied.</summary>
/// <remarks><code>cookie netobj | stat | DENIED: exclusive bool | svid int32 | oh netobj | l_offset uint64 | l_len uint64</code></remarks>
public readonly ref struct Nlm4TestResult
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    public required Nlm4Status Status { get; init; }

    /// <summary>Meaningful when the status is Denied.</summary>
    public Nlm4Holder Holder { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> results, out Nlm4TestResult result)
    {
        var reader = new XdrReader(results);
        var cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax);
        var status = (Nlm4Status)reader.ReadEnum((uint)Nlm4Status.Failed);
        result = new Nlm4TestResult
        {
            Cookie = cookie,
            Status = status,
            Holder = status == Nlm4Status.Denied ? Nlm4Holder.Read(ref reader) : default,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        writer.WriteUInt32((uint)Status);
        if (Status == Nlm4Status.Denied) Holder.Write(writer);
    }
}

/// <summary>nlm4_holder, RFC 1813 §6.1.4.</summary>
public readonly ref struct Nlm4Holder
{
    public required bool Exclusive { get; init; }

    public required int Svid { get; init; }

    public required ReadOnlySpan<byte> OwnerHandle { get; init; }

    public required ulong Offset { get; init; }

    public required ulong Length { get; init; }

    public static Nlm4Holder Read(scoped ref XdrReader reader) => new()
    {
        Exclusive = reader.ReadBoolean(),
        Svid = reader.ReadInt32(),
        OwnerHandle = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
        Offset = reader.ReadUInt64(),
        Length = reader.ReadUInt64(),
    };

    public void Write(XdrWriter writer)
    {
        writer.WriteBoolean(Exclusive);
        writer.WriteInt32(Svid);
        writer.WriteOpaque(OwnerHandle);
        writer.WriteUInt64(Offset);
        writer.WriteUInt64(Length);
    }
}
