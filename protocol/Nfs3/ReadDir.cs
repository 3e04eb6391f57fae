using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>READDIR3args, RFC 1813 §3.3.16.</summary>
public readonly ref struct ReadDirArgs
{
    public required ReadOnlySpan<byte> Directory { get; init; }

    /// <summary>Where to go on: the cookie of the last entry that the client has, or 0.</summary>
    public required ulong Cookie { get; init; }

    public required ulong CookieVerifier { get; init; }

    /// <summary>Bytes. The most that READDIR3resok may take, XDR overhead included.</summary>
    public required uint Count { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out ReadDirArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new ReadDirArgs
        {
            Directory = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
            Cookie = reader.ReadUInt64(),
            CookieVerifier = reader.ReadUInt64(),
            Count = reader.ReadUInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Directory);
        writer.WriteUInt64(Cookie);
        writer.WriteUInt64(CookieVerifier);
        writer.WriteUInt32(Count);
    }
}

/// <summary>
/// READDIR3res and READDIRPLUS3res as a client reads them (RFC 1813 §3.3.16, §3.3.17). A view of the reply.
/// The server writes them with <see cref="DirectoryListWriter"/>.
/// </summary>
public readonly ref struct DirectoryListRes
{
    private readonly ReadOnlySpan<byte> _entries;
    private readonly bool _plus;

    private DirectoryListRes(ReadOnlySpan<byte> entries, bool plus)
    {
        _entries = entries;
        _plus = plus;
    }

    public required Nfs3Status Status { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    public ulong CookieVerifier { get; init; }

    /// <summary>There is nothing behind the last entry.</summary>
    public bool IsEndOfDirectory { get; init; }

    /// <summary>The entries, for <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_entries, _plus);

    /// <summary>Parses READDIR3res, or READDIRPLUS3res when <paramref name="plus"/> is set, to its end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> result, bool plus, out DirectoryListRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var attributes = Nfs3Attributes.ReadOptional(ref reader);
        if (status != Nfs3Status.Ok)
        {
            parsed = new DirectoryListRes(default, plus) { Status = status, Attributes = attributes };
            return reader.IsComplete;
        }

        var verifier = reader.ReadUInt64();
        var entries = reader.Rest;
        while (reader.ReadBoolean()) ReadEntry(ref reader, plus);
        parsed = new DirectoryListRes(entries, plus)
        {
            Status = status,
            Attributes = attributes,
            CookieVerifier = verifier,
            IsEndOfDirectory = reader.ReadBoolean(),
        };
        return reader.IsComplete;
    }

    /// <summary>Writes a failure, which is the same for both procedures.</summary>
    public static void WriteFailure(XdrWriter writer, Nfs3Status status, in Nfs3Attributes? attributes)
    {
        writer.WriteUInt32((uint)status);
        Nfs3Attributes.WriteOptional(writer, attributes);
    }

    private static DirectoryListEntry ReadEntry(scoped ref XdrReader reader, bool plus) => new()
    {
        FileId = reader.ReadUInt64(),
        Name = reader.ReadOpaque(Nfs3Protocol.NameBytesMax),
        Cookie = reader.ReadUInt64(),
        Attributes = plus ? Nfs3Attributes.ReadOptional(ref reader) : null,
        Handle = plus ? Nfs3Handle.ReadOptional(ref reader) : null,
    };

    /// <summary>Goes through the entries of a list that was parsed to its end before.</summary>
    public ref struct Enumerator
    {
        private readonly bool _plus;
        private XdrReader _reader;

        internal Enumerator(ReadOnlySpan<byte> entries, bool plus)
        {
            _reader = new XdrReader(entries);
            _plus = plus;
        }

        public DirectoryListEntry Current { get; private set; }

        public bool MoveNext()
        {
            if (!_reader.ReadBoolean()) return false;
            Current = ReadEntry(ref _reader, _plus);
            return true;
        }
    }
}

/// <summary>entry3 or entryplus3, RFC 1813 §3.3.16 and §3.3.17.</summary>
public readonly ref struct DirectoryListEntry
{
    public required ulong FileId { get; init; }

    public required ReadOnlySpan<byte> Name { get; init; }

    public required ulong Cookie { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    public Nfs3Handle? Handle { get; init; }
}
