using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_shareargs, RFC 1813 §6.1.4: of SHARE and UNSHARE. A view of the request.</summary>
/// <remarks><code>cookie netobj | caller_name string | fh netobj | oh netobj | mode | access | reclaim bool</code></remarks>
public readonly ref struct Nlm4ShareArgs
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    public required ReadOnlySpan<byte> CallerName { get; init; }

    public required ReadOnlySpan<byte> Handle { get; init; }

    public required ReadOnlySpan<byte> OwnerHandle { get; init; }

    /// <summary>fsh4_mode: what others are denied.</summary>
    public required Nlm4ShareBits Deny { get; init; }

    /// <summary>fsh4_access: what the caller wants.</summary>
    public required Nlm4ShareBits Access { get; init; }

    public required bool Reclaim { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out Nlm4ShareArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new Nlm4ShareArgs
        {
            Cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            CallerName = reader.ReadOpaque(Nlm4Protocol.CallerNameBytesMax),
            Handle = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            OwnerHandle = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            Deny = (Nlm4ShareBits)reader.ReadEnum((uint)Nlm4ShareBits.ReadWrite),
            Access = (Nlm4ShareBits)reader.ReadEnum((uint)Nlm4ShareBits.ReadWrite),
            Reclaim = reader.ReadBoolean(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        writer.WriteOpaque(CallerName);
        writer.WriteOpaque(Handle);
        writer.WriteOpaque(OwnerHandle);
        writer.WriteUInt32((uint)Deny);
        writer.WriteUInt32((uint)Access);
        writer.WriteBoolean(Reclaim);
    }
}

/// <summary>fsh4_mode and fsh4_access, RFC 1813 §6.1.3.</summary>
[Flags]
public enum Nlm4ShareBits : uint
{
    None = 0,
    Read = 1,
    Write = 2,
    ReadWrite = Read | Write,
}

/// <summary>nlm4_shareres, RFC 1813 §6.1.4.</summary>
/// <remarks><code>cookie netobj | stat | sequence int32</code></remarks>
public readonly ref struct Nlm4ShareResult
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    public required Nlm4Status Status { get; init; }

    /// <summary>Without meaning in version 4.</summary>
    public int Sequence { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> results, out Nlm4ShareResult result)
    {
        var reader = new XdrReader(results);
        result = new Nlm4ShareResult
        {
            Cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            Status = (Nlm4Status)reader.ReadEnum((uint)Nlm4Status.Failed),
            Sequence = reader.ReadInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        writer.WriteUInt32((uint)Status);
        writer.WriteInt32(Sequence);
    }
}
