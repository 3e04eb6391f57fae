using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>stable_how, RFC 1813 §3.3.7.</summary>
public enum Nfs3Stability : uint
{
    Unstable = 0,
    DataSync = 1,
    FileSync = 2,
}

/// <summary>WRITE3args, RFC 1813 §3.3.7. A view of the request, content included.</summary>
public readonly ref struct WriteArgs
{
    public required ReadOnlySpan<byte> Handle { get; init; }

    public required ulong Offset { get; init; }

    /// <summary>Bytes to write. A request whose content is longer or shorter is broken, §3.3.7.</summary>
    public required uint Count { get; init; }

    public required Nfs3Stability Stability { get; init; }

    public required ReadOnlySpan<byte> Content { get; init; }

    /// <summary>
    /// Parses the arguments; <paramref name="contentStart"/> is where in them the content begins, for a caller
    /// that goes on with the memory behind the span.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> arguments, out WriteArgs args, out int contentStart)
    {
        var reader = new XdrReader(arguments);
        var handle = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax);
        var offset = reader.ReadUInt64();
        var count = reader.ReadUInt32();
        var stability = (Nfs3Stability)reader.ReadEnum((uint)Nfs3Stability.FileSync);
        contentStart = arguments.Length - reader.BytesLeft + sizeof(uint);
        args = new WriteArgs
        {
            Handle = handle,
            Offset = offset,
            Count = count,
            Stability = stability,
            Content = reader.ReadOpaque(Nfs3Protocol.TransferBytesMax),
        };
        return reader.IsComplete && args.Content.Length == count;
    }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out WriteArgs args) =>
        TryParse(arguments, out args, out _);

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Handle);
        writer.WriteUInt64(Offset);
        writer.WriteUInt32(Count);
        writer.WriteUInt32((uint)Stability);
        writer.WriteOpaque(Content);
    }
}

/// <summary>WRITE3res, RFC 1813 §3.3.7.</summary>
public readonly record struct WriteRes
{
    public required Nfs3Status Status { get; init; }

    public Nfs3WccData Wcc { get; init; }

    public uint Count { get; init; }

    public Nfs3Stability Committed { get; init; }

    /// <summary>writeverf3: changes if and only if unstable writes may have been lost.</summary>
    public ulong Verifier { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out WriteRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var ok = status == Nfs3Status.Ok;
        parsed = new WriteRes
        {
            Status = status,
            Wcc = Nfs3WccData.Read(ref reader),
            Count = ok ? reader.ReadUInt32() : 0,
            Committed = ok ? (Nfs3Stability)reader.ReadEnum((uint)Nfs3Stability.FileSync) : default,
            Verifier = ok ? reader.ReadUInt64() : 0,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Wcc.Write(writer);
        if (Status != Nfs3Status.Ok) return;

        writer.WriteUInt32(Count);
        writer.WriteUInt32((uint)Committed);
        writer.WriteUInt64(Verifier);
    }
}
