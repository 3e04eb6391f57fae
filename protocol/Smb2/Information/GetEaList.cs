using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>
/// A list of FILE_GET_EA_INFORMATION, MS-FSCC 2.4.16.1: the names that a query for extended attributes wants. Checked
/// to its end, for <c>foreach</c>, which gives the names.
/// </summary>
/// <remarks>
/// <code>
/// 0 NextEntryOffset   4 EaNameLength   5 EaName, NUL
/// </code>
/// </remarks>
public readonly ref struct GetEaList
{
    private const int FixedBytes = 5;
    private readonly ReadOnlySpan<byte> _buffer;

    private GetEaList(ReadOnlySpan<byte> buffer, int count)
    {
        _buffer = buffer;
        Count = count;
    }

    public int Count { get; }

    /// <summary>Checks every entry. An empty buffer is an empty list.</summary>
    public static bool TryParse(ReadOnlySpan<byte> buffer, out GetEaList list)
    {
        list = default;
        var count = 0;
        var entries = new Enumerator(buffer);
        while (entries.MoveNext()) count++;
        if (entries.IsBroken) return false;

        list = new GetEaList(buffer, count);
        return true;
    }

    public Enumerator GetEnumerator() => new(_buffer);

    /// <summary>Writes an entry; gives its bytes without padding.</summary>
    public static int WriteEntry(Span<byte> target, ReadOnlySpan<byte> name, int nextEntryOffset)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)nextEntryOffset);
        target[4] = (byte)name.Length;
        name.CopyTo(target[FixedBytes..]);
        target[FixedBytes + name.Length] = 0;
        return FixedBytes + name.Length + 1;
    }

    /// <summary>Goes from name to name; each entry is at least its fixed part further on, so it comes to an end.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> buffer) => _rest = buffer;

        public ReadOnlySpan<byte> Current { get; private set; }

        internal bool IsBroken { get; private set; }

        public bool MoveNext()
        {
            if (IsBroken || _rest.IsEmpty) return false;
            IsBroken = true;
            if (_rest.Length <= FixedBytes) return false;

            var step = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
            var bytes = FixedBytes + _rest[4] + 1;
            if (_rest[4] == 0 || bytes > _rest.Length || _rest[bytes - 1] != 0) return false;
            if (step != 0 && (step < bytes || step >= _rest.Length)) return false;

            IsBroken = false;
            Current = _rest.Slice(FixedBytes, _rest[4]);
            _rest = step == 0 ? default : _rest[(int)step..];
            return true;
        }
    }
}
