using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Tests.Captures;

/// <summary>Parses a message and writes it again: null when it was refused.</summary>
internal static class Recoding
{
    public delegate byte[]? Recode(ReadOnlySpan<byte> message);

    public static IReadOnlyDictionary<string, (Recode Arguments, Recode Result)> All { get; } =
        new Dictionary<string, (Recode, Recode)>
        {
            ["GETATTR"] = (Handle, b => GetAttrRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["SETATTR"] = (SetAttr, Wcc),
            ["LOOKUP"] = (DirOp, b => LookupRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["ACCESS"] = (Access, b => AccessRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["READLINK"] = (Handle, ReadLinkResult),
            ["READ"] = (Read, ReadResult),
            ["WRITE"] = (Write, b => WriteRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["CREATE"] = (Create, NewObject),
            ["MKDIR"] = (MkDir, NewObject),
            ["SYMLINK"] = (SymLink, NewObject),
            ["MKNOD"] = (MkNod, NewObject),
            ["REMOVE"] = (DirOp, Wcc),
            ["RMDIR"] = (DirOp, Wcc),
            ["RENAME"] = (Rename, b => RenameRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["LINK"] = (Link, b => LinkRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["READDIR"] = (ReadDir, b => DirectoryList(b, plus: false)),
            ["READDIRPLUS"] = (ReadDirPlus, b => DirectoryList(b, plus: true)),
            ["FSSTAT"] = (Handle, b => FsStatRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["FSINFO"] = (Handle, b => FsInfoRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["PATHCONF"] = (Handle, b => PathConfRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["COMMIT"] = (Commit, b => CommitRes.TryParse(b, out var m) ? Written(m.Write) : null),
            ["MNT-M3"] = (DirPath, Mnt),
            ["UMNT-M3"] = (DirPath, Nothing),
            ["DUMP-M3"] = (Nothing, b => DumpRes.TryParse(b, out var m) ? Written(w => DumpRes.Write(w, m)) : null),
            ["EXPORT-M3"] =
                (Nothing, b => ExportRes.TryParse(b, out var m) ? Written(w => ExportRes.Write(w, m)) : null),
        };

    private static byte[] Written(Action<XdrWriter> write)
    {
        using var writer = new XdrWriter(16);
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Nothing(ReadOnlySpan<byte> b) => b.IsEmpty ? [] : null;

    private static byte[]? Wcc(ReadOnlySpan<byte> b) => WccRes.TryParse(b, out var m) ? Written(m.Write) : null;

    private static byte[]? NewObject(ReadOnlySpan<byte> b) =>
        NewObjectRes.TryParse(b, out var m) ? Written(m.Write) : null;

    // Views of the message cannot be captured by a lambda.
    private static byte[]? Handle(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!HandleArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? SetAttr(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!SetAttrArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? DirOp(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!DirOpArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Access(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!AccessArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Read(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!ReadArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Write(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!WriteArgs.TryParse(b, out var m, out var start)) return null;
        Assert.That(b.Slice(start, m.Content.Length).SequenceEqual(m.Content));
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Create(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!CreateArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? MkDir(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!MkDirArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? SymLink(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!SymLinkArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? MkNod(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!MkNodArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Rename(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!RenameArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Link(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!LinkArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? ReadDir(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!ReadDirArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? ReadDirPlus(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!ReadDirPlusArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Commit(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!CommitArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? DirPath(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!DirPathArgs.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Mnt(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!MntRes.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? ReadLinkResult(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!ReadLinkRes.TryParse(b, out var m)) return null;
        m.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    // Through the way the server takes, wherever it can: content in place, header afterwards.
    private static byte[]? ReadResult(ReadOnlySpan<byte> b)
    {
        using var writer = new XdrWriter(16);
        if (!ReadRes.TryParse(b, out var m)) return null;
        if (m is { Status: Nfs3Status.Ok, Attributes: { } attributes })
        {
            m.Content.CopyTo(ReadRes.PrepareInPlace(writer, m.Content.Length).Span);
            ReadRes.WriteInPlace(writer, attributes, m.Content.Length, m.IsEndOfFile);
        }
        else
        {
            m.Write(writer);
        }

        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? DirectoryList(ReadOnlySpan<byte> b, bool plus)
    {
        using var writer = new XdrWriter(16);
        if (!DirectoryListRes.TryParse(b, plus, out var m)) return null;
        if (m.Status != Nfs3Status.Ok)
        {
            DirectoryListRes.WriteFailure(writer, m.Status, m.Attributes);
            return writer.WrittenSpan.ToArray();
        }

        // The server always knows the attributes; what others leave out cannot be written by ours.
        if (m.Attributes is not { } attributes) return b.ToArray();

        var list = DirectoryListWriter.Begin(writer, m.CookieVerifier, (uint)b.Length, (uint)b.Length);
        foreach (var entry in m)
        {
            var added = plus
                ? list.TryAdd(entry.FileId, entry.Name, entry.Cookie, entry.Attributes, entry.Handle)
                : list.TryAdd(entry.FileId, entry.Name, entry.Cookie);
            Assert.That(added);
        }

        list.End(m.IsEndOfDirectory, attributes);
        return writer.WrittenSpan.ToArray();
    }
}
