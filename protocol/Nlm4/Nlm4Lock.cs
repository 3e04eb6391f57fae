using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_lock, RFC 1813 §6.1.4. A view of the request, alive as long as its buffer.</summary>
/// <remarks>
/// <code>
/// caller_name string&lt;1024&gt; | fh netobj | oh netobj | svid int32 | l_offset uint64 | l_len uint64
/// </code>
/// A length of 0 means to the end of the file, wherever that comes to be.
/// </remarks>
public readonly ref struct Nlm4Lock
{
    public required ReadOnlySpan<byte> CallerName { get; init; }

    public required ReadOnlySpan<byte> Handle { get; init; }

    /// <summary>oh: opaque, the client's own name for the holder.</summary>
    public required ReadOnlySpan<byte> OwnerHandle { get; init; }

    /// <summary>The client's number for the process that locks.</summary>
    public required int Svid { get; init; }

    public required ulong Offset { get; init; }

    public required ulong Length { get; init; }

    public static Nlm4Lock Read(scoped ref XdrReader reader) => new()
    {
        CallerName = reader.ReadOpaque(Nlm4Protocol.CallerNameBytesMax),
        Handle = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
        OwnerHandle = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
        Svid = reader.ReadInt32(),
        Offset = reader.ReadUInt64(),
        Length = reader.ReadUInt64(),
    };

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(CallerName);
        writer.WriteOpaque(Handle);
        writer.WriteOpaque(OwnerHandle);
        writer.WriteInt32(Svid);
        writer.WriteUInt64(Offset);
        writer.WriteUInt64(Length);
    }
}
