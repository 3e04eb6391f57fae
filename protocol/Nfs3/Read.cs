using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>READ3args, RFC 1813 §3.3.6.</summary>
public readonly ref struct ReadArgs
{
    public required ReadOnlySpan<byte> Handle { get; init; }

    public required ulong Offset { get; init; }

    public required uint Count { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out ReadArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new ReadArgs
        {
            Handle = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
            Offset = reader.ReadUInt64(),
            Count = reader.ReadUInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Handle);
        writer.WriteUInt64(Offset);
        writer.WriteUInt32(Count);
    }
}

/// <summary>READ3res, RFC 1813 §3.3.6.</summary>
public readonly ref struct ReadRes
{
    /// <summary>Bytes in front of the content in a successful result that carries attributes.</summary>
    public const int HeaderBytes = 4 + 4 + Nfs3Attributes.Bytes + 4 + 4 + 4;

    public required Nfs3Status Status { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    public bool IsEndOfFile { get; init; }

    public ReadOnlySpan<byte> Content { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out ReadRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var attributes = Nfs3Attributes.ReadOptional(ref reader);
        if (status != Nfs3Status.Ok)
        {
            parsed = new ReadRes { Status = status, Attributes = attributes };
            return reader.IsComplete;
        }

        var count = reader.ReadUInt32();
        parsed = new ReadRes
        {
            Status = status,
            Attributes = attributes,
            IsEndOfFile = reader.ReadBoolean(),
            Content = reader.ReadOpaque(int.MaxValue),
        };
        return reader.IsComplete && parsed.Content.Length == count;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Nfs3Attributes.WriteOptional(writer, Attributes);
        if (Status != Nfs3Status.Ok) return;

        writer.WriteUInt32((uint)Content.Length);
        writer.WriteBoolean(IsEndOfFile);
        writer.WriteOpaque(Content);
    }

    /// <summary>
    /// Room for <paramref name="count"/> bytes of content, at the place where they go out: fill it, then
    /// <see cref="WriteInPlace"/>. Nothing is written until then, so a failure writes its own result instead.
    /// </summary>
    public static Memory<byte> PrepareInPlace(XdrWriter writer, int count) =>
        writer.GetMemory(HeaderBytes + count + 3).Slice(HeaderBytes, count);

    /// <summary>Puts the header before the content that <see cref="PrepareInPlace"/> gave room for.</summary>
    public static void WriteInPlace(XdrWriter writer, in Nfs3Attributes attributes, int count, bool isEndOfFile)
    {
        writer.WriteUInt32((uint)Nfs3Status.Ok);
        writer.WriteBoolean(true);
        attributes.Write(writer);
        writer.WriteUInt32((uint)count);
        writer.WriteBoolean(isEndOfFile);
        writer.WriteUInt32((uint)count);
        var start = writer.Length;
        writer.Advance(count);
        writer.PadSince(start);
    }
}
