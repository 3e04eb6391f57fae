using System.Buffers;

namespace Gateway.Replication.Rows;

/// <summary>Kind of one row change, as stored in the journal.</summary>
public enum RowChange : byte
{
    Put = 1,
    Delete = 2,
}

/// <summary>
/// Writes row changes in their journal form: <c>change (1) | keyBytes (LEB128) | [valueBytes (LEB128)] | key |
/// [value]</c>.
/// The same bytes go to the disks of the nodes and into every row store; nothing is encoded twice.
/// </summary>
public sealed class RowBatchWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    public int Bytes => _buffer.WrittenCount;

    public int Changes { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        CheckKey(key);
        if (value.Length > RowLimits.ValueBytesMax)
            throw new ArgumentException($"A row value has at most {RowLimits.ValueBytesMax} bytes.", nameof(value));

        Write(RowChange.Put, key, value);
    }

    public void Delete(ReadOnlySpan<byte> key)
    {
        CheckKey(key);
        Write(RowChange.Delete, key, default);
    }

    public void Clear()
    {
        _buffer.ResetWrittenCount();
        Changes = 0;
    }

    private static void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty || key.Length > RowLimits.KeyBytesMax)
            throw new ArgumentException($"A row key has 1 to {RowLimits.KeyBytesMax} bytes.", nameof(key));
    }

    /// <summary>Room that <see cref="Encode"/> may need.</summary>
    internal static int EncodedBytesMax(int keyBytes, int valueBytes) => 1 + 5 + 5 + keyBytes + valueBytes;

    /// <summary>
    /// Writes one change and returns where its key begins; its value, if any, follows the key and ends it.
    /// </summary>
    internal static int Encode(
        Span<byte> destination, RowChange change, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        destination[0] = (byte)change;
        var at = 1 + WriteLength(destination[1..], (uint)key.Length);
        if (change == RowChange.Put) at += WriteLength(destination[at..], (uint)value.Length);
        key.CopyTo(destination[at..]);
        value.CopyTo(destination[(at + key.Length)..]);
        return at;
    }

    private void Write(RowChange change, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var span = _buffer.GetSpan(EncodedBytesMax(key.Length, value.Length));
        var keyAt = Encode(span, change, key, value);
        _buffer.Advance(keyAt + key.Length + value.Length);
        Changes++;
    }

    private static int WriteLength(Span<byte> destination, uint length)
    {
        var at = 0;
        for (; length >= 0x80; length >>= 7) destination[at++] = (byte)(length & 0x7F | 0x80);
        destination[at++] = (byte)length;
        return at;
    }
}

/// <summary>Reads what <see cref="RowBatchWriter"/> wrote. The bytes are checksummed before they get here.</summary>
public ref struct RowBatchReader(ReadOnlySpan<byte> batch)
{
    private ReadOnlySpan<byte> _rest = batch;

    public RowChange Change { get; private set; }

    public ReadOnlySpan<byte> Key { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Moves to the next change; false at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are no row batch.</exception>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;

        Change = (RowChange)_rest[0];
        _rest = _rest[1..];
        if (Change is not (RowChange.Put or RowChange.Delete))
            throw new InvalidDataException($"A row batch has an unknown change {(byte)Change}.");

        var keyBytes = ReadLength();
        var valueBytes = Change == RowChange.Put ? ReadLength() : 0;
        if (keyBytes is 0 or > RowLimits.KeyBytesMax || valueBytes > RowLimits.ValueBytesMax
            || keyBytes + valueBytes > (uint)_rest.Length)
        {
            throw new InvalidDataException("A row batch ends inside a change.");
        }

        Key = _rest[..(int)keyBytes];
        Value = _rest.Slice((int)keyBytes, (int)valueBytes);
        _rest = _rest[(int)(keyBytes + valueBytes)..];
        return true;
    }

    private uint ReadLength()
    {
        uint length = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (_rest.IsEmpty) break;
            var next = _rest[0];
            _rest = _rest[1..];
            length |= unchecked((uint)(next & 0x7F) << shift);
            if (next < 0x80) return length;
        }

        throw new InvalidDataException("A row batch has a broken length.");
    }
}
