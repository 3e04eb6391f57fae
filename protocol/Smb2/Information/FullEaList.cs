namespace Gateway.Protocol.Smb2.Information;

/// <summary>A list of <see cref="FileFullEaInformation"/> that was checked to its end, for <c>foreach</c>.</summary>
public readonly ref struct FullEaList
{
    private readonly ReadOnlySpan<byte> _buffer;

    private FullEaList(ReadOnlySpan<byte> buffer, int count)
    {
        _buffer = buffer;
        Count = count;
    }

    public int Count { get; }

    /// <summary>
    /// Checks every entry; false gives the offset of the first that is wrong (STATUS_EA_LIST_INCONSISTENT). An empty
    /// buffer is an empty list.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> buffer, out FullEaList list, out int errorOffset)
    {
        list = default;
        errorOffset = 0;
        var count = 0;
        var entries = new Enumerator(buffer);
        while (entries.MoveNext()) count++;
        errorOffset = entries.Offset;
        if (entries.IsBroken) return false;

        list = new FullEaList(buffer, count);
        return true;
    }

    public Enumerator GetEnumerator() => new(_buffer);

    /// <summary>Goes from entry to entry; each is at least its fixed part further on, so it comes to an end.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _buffer;
        private FileFullEaInformation _current;
        private long _next;

        internal Enumerator(ReadOnlySpan<byte> buffer)
        {
            _buffer = buffer;
            _next = buffer.Length == 0 ? -1 : 0;
        }

        public readonly FileFullEaInformation Current => _current;

        internal int Offset { get; private set; }

        internal bool IsBroken { get; private set; }

        public bool MoveNext()
        {
            if (_next < 0) return false;
            Offset = (int)_next;
            if (!FileFullEaInformation.TryRead(_buffer[Offset..], out _current, out var step) || Offset + (long)step > _buffer.Length)
            {
                IsBroken = true;
                _next = -1;
                return false;
            }

            _next = step == 0 ? -1 : Offset + (long)step;
            return true;
        }
    }
}
