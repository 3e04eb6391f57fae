using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>
/// Writes READDIR3resok and READDIRPLUS3resok (RFC 1813 §3.3.16, §3.3.17) entry by entry into the reply and
/// never past the size that the client set.
/// </summary>
/// <remarks>
/// Used once: <see cref="Begin"/>, entries until one is refused, <see cref="End"/>. The attributes of the directory
/// stand before the entries and are known after them, so their place is kept and filled at the end.
/// </remarks>
public sealed class DirectoryListWriter
{
    /// <summary>
    /// Bytes of READDIR3resok and READDIRPLUS3resok without any entry: less than this is NFS3ERR_TOOSMALL.
    /// </summary>
    public const int EmptyBytes = 4 + Nfs3Attributes.Bytes + Nfs3Protocol.VerifierBytes + TailBytes;

    // The end of the list and the flag for the end of the directory.
    private const int TailBytes = 4 + 4;
    private const int EntryFixedBytes = 4 + 8 + 4 + 8;

    private readonly XdrWriter _writer;
    private readonly ulong _verifier;
    private readonly int _start;
    private readonly long _lengthMax;
    private readonly long _directoryBytesMax;
    private long _directoryBytes;

    private DirectoryListWriter(XdrWriter writer, ulong verifier, long countMax, long directoryBytesMax)
    {
        _writer = writer;
        _verifier = verifier;
        _start = writer.Length;
        WriteHead(default(Nfs3Attributes));

        // The status is not part of what the client's count bounds.
        _lengthMax = _start + sizeof(uint) + countMax;
        _directoryBytesMax = directoryBytesMax;
    }

    /// <summary>Entries written.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Starts a successful result. <paramref name="countMax"/> is count of READDIR and maxcount of READDIRPLUS;
    /// <paramref name="directoryCountMax"/> is dircount, or the same for READDIR.
    /// </summary>
    public static DirectoryListWriter Begin(
        XdrWriter writer, ulong verifier, uint countMax, uint directoryCountMax) =>
        new(writer, verifier, countMax, directoryCountMax);

    /// <summary>Writes an entry of READDIR; false and nothing written when it does not fit any more.</summary>
    public bool TryAdd(ulong fileId, ReadOnlySpan<byte> name, ulong cookie)
    {
        if (!HasRoom(name.Length, 0)) return false;
        WriteEntry(fileId, name, cookie);
        return true;
    }

    /// <summary>Writes an entry of READDIRPLUS; false and nothing written when it does not fit any more.</summary>
    public bool TryAdd(
        ulong fileId, ReadOnlySpan<byte> name, ulong cookie, in Nfs3Attributes? attributes, in Nfs3Handle? handle)
    {
        var plusBytes = 4 + (attributes.HasValue ? Nfs3Attributes.Bytes : 0) + 4;
        if (handle is { } present) plusBytes += 4 + Padded(present.Length);
        if (!HasRoom(name.Length, plusBytes)) return false;

        WriteEntry(fileId, name, cookie);
        Nfs3Attributes.WriteOptional(_writer, attributes);
        Nfs3Handle.WriteOptional(_writer, handle);
        return true;
    }

    /// <summary>Ends the list and fills in the attributes of the directory.</summary>
    public void End(bool isEndOfDirectory, in Nfs3Attributes attributes)
    {
        _writer.WriteBoolean(false);
        _writer.WriteBoolean(isEndOfDirectory);
        var end = _writer.Length;
        _writer.Truncate(_start);
        WriteHead(attributes);
        _writer.Advance(end - _writer.Length);
    }

    private void WriteHead(in Nfs3Attributes attributes)
    {
        _writer.WriteUInt32((uint)Nfs3Status.Ok);
        _writer.WriteBoolean(true);
        attributes.Write(_writer);
        _writer.WriteUInt64(_verifier);
    }

    private static int Padded(int length) => (length + 3) & ~3;

    // The first entry goes out whatever dircount says: it is a wish, and a client that asks for less than one
    // name would never come to the end of the directory.
    private bool HasRoom(int nameLength, int plusBytes)
    {
        var entryBytes = EntryFixedBytes + Padded(nameLength);
        if (_writer.Length + (long)entryBytes + plusBytes + TailBytes > _lengthMax) return false;
        return Count == 0 || _directoryBytes + entryBytes <= _directoryBytesMax;
    }

    private void WriteEntry(ulong fileId, ReadOnlySpan<byte> name, ulong cookie)
    {
        _directoryBytes += EntryFixedBytes + Padded(name.Length);
        Count++;
        _writer.WriteBoolean(true);
        _writer.WriteUInt64(fileId);
        _writer.WriteOpaque(name);
        _writer.WriteUInt64(cookie);
    }
}
