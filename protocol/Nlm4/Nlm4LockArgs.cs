using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_lockargs, RFC 1813 §6.1.4: of LOCK and NM_LOCK. A view of the request.</summary>
/// <remarks><code>cookie netobj | block bool | exclusive bool | alock | reclaim bool | state int32</code></remarks>
public readonly ref struct Nlm4LockArgs
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    /// <summary>Wait for the lock: the answer may be BLOCKED, and GRANTED is called back later.</summary>
    public required bool Block { get; init; }

    public required bool Exclusive { get; init; }

    public required Nlm4Lock Lock { get; init; }

    public required bool Reclaim { get; init; }

    /// <summary>The client's status monitor number, 0 when it does not say.</summary>
    public required int State { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out Nlm4LockArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new Nlm4LockArgs
        {
            Cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            Block = reader.ReadBoolean(),
            Exclusive = reader.ReadBoolean(),
            Lock = Nlm4Lock.Read(ref reader),
            Reclaim = reader.ReadBoolean(),
            State = reader.ReadInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        writer.WriteBoolean(Block);
        writer.WriteBoolean(Exclusive);
        Lock.Write(writer);
        writer.WriteBoolean(Reclaim);
        writer.WriteInt32(State);
    }
}
