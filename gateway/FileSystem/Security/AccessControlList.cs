using System.Buffers.Binary;

namespace Gateway.FileSystem.Security;

/// <summary>An ACL, MS-DTYP 2.4.5: entries in the order in which they are asked. Immutable.</summary>
/// <remarks>
/// <code>
/// 0 AclRevision | 1 Sbz1 | 2 AclSize | 4 AceCount | 6 Sbz2 | 8 entries
/// </code>
/// </remarks>
public sealed class AccessControlList : IEquatable<AccessControlList>
{
    /// <summary>Bytes: the size has 16 bits.</summary>
    public const int BytesMax = ushort.MaxValue;

    /// <summary>ACL_REVISION.</summary>
    public const byte PlainRevision = 2;

    /// <summary>ACL_REVISION_DS: may hold object entries.</summary>
    public const byte ObjectRevision = 4;

    private const int HeaderBytes = 8;

    private readonly AccessControlEntry[] _entries;

    public AccessControlList(params IEnumerable<AccessControlEntry> entries)
        : this(PlainRevision, [.. entries])
    {
    }

    private AccessControlList(byte revision, AccessControlEntry[] entries)
    {
        _entries = entries;
        Revision = entries.Any(entry => entry.IsObjectType) ? ObjectRevision : revision;
    }

    /// <summary>Grants nothing to anybody. No list at all, in contrast, grants everything to everybody.</summary>
    public static AccessControlList Empty { get; } = new(PlainRevision, []);

    public byte Revision { get; }

    public ReadOnlySpan<AccessControlEntry> Entries => _entries;

    public int BinaryLength => HeaderBytes + _entries.Sum(entry => entry.BinaryLength);

    /// <summary>Reads the list that <paramref name="input"/> starts with; it may be longer.</summary>
    public static bool TryParse(ReadOnlySpan<byte> input, out AccessControlList list)
    {
        list = Empty;
        if (input.Length < HeaderBytes || input[0] is < PlainRevision or > ObjectRevision) return false;

        int size = BinaryPrimitives.ReadUInt16LittleEndian(input[2..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(input[4..]);
        if (size < HeaderBytes || size > input.Length) return false;

        var rest = input[HeaderBytes..size];
        if (count > rest.Length / AccessControlEntry.BytesMin) return false;

        var entries = new AccessControlEntry[count];
        for (var index = 0; index < count; index++)
        {
            if (!AccessControlEntry.TryParse(rest, out entries[index], out var bytes)) return false;
            rest = rest[bytes..];
        }

        list = new AccessControlList(input[0], entries);
        return true;
    }

    /// <summary>Writes <see cref="BinaryLength"/> bytes and returns their number.</summary>
    public int Write(Span<byte> target)
    {
        var length = BinaryLength;
        target[..HeaderBytes].Clear();
        target[0] = Revision;
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], (ushort)_entries.Length);
        var rest = target[HeaderBytes..];
        foreach (var entry in _entries) rest = rest[entry.Write(rest)..];
        return length;
    }

    /// <summary>This list with every entry replaced.</summary>
    public AccessControlList Select(Func<AccessControlEntry, AccessControlEntry> replace) =>
        new(Revision, Array.ConvertAll(_entries, entry => replace(entry)));

    public bool Equals(AccessControlList? other) =>
        other is not null && Revision == other.Revision && Entries.SequenceEqual(other.Entries);

    public override bool Equals(object? obj) => Equals(obj as AccessControlList);

    public override int GetHashCode() => HashCode.Combine(Revision, _entries.Length, _entries.FirstOrDefault());
}
