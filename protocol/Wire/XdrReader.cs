using System.Buffers.Binary;

namespace Gateway.Protocol.Wire;

/// <summary>Reads XDR (RFC 4506) from one contiguous request.</summary>
/// <remarks>
/// A read past the end yields zero or empty and clears <see cref="Intact"/>, so a parser is a straight line
/// of reads with one check at the end. The protocol has an answer for missing bytes (GARBAGE_ARGS), so they
/// are not an exception: a hostile client must not be able to buy stack traces.
/// Padding must be there but its content is not looked at, as in every server clients were tested against:
/// old clients pad with whatever their buffer held. Discriminants other than 0 and 1 are refused.
/// </remarks>
public ref struct XdrReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    /// <summary>False as soon as anything was missing or out of its bounds; stays false.</summary>
    public bool Intact { get; private set; } = true;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Everything was there, nothing was wrong and nothing is left over.</summary>
    public readonly bool IsComplete => Intact && _rest.IsEmpty;

    public readonly int BytesLeft => _rest.Length;

    /// <summary>What has not been read: for a caller that hands the tail to another parser.</summary>
    public readonly ReadOnlySpan<byte> Rest => Intact ? _rest : default;

    public uint ReadUInt32() =>
        TryTake(sizeof(uint), out var bytes) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    public int ReadInt32() =>
        TryTake(sizeof(int), out var bytes) ? BinaryPrimitives.ReadInt32BigEndian(bytes) : 0;

    public ulong ReadUInt64() =>
        TryTake(sizeof(ulong), out var bytes) ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;

    public long ReadInt64() =>
        TryTake(sizeof(long), out var bytes) ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;

    /// <summary>Reads <c>bool</c> (RFC 4506 §4.4): a value other than 0 and 1 is not intact.</summary>
    public bool ReadBoolean() => ReadEnum(1) == 1;

    /// <summary>
    /// Reads an enumeration whose values are 0 to <paramref name="valueMax"/>; another is not intact.
    /// </summary>
    public uint ReadEnum(uint valueMax)
    {
        var value = ReadUInt32();
        if (value <= valueMax) return value;
        Intact = false;
        return 0;
    }

    /// <summary>Reads <c>opaque&lt;lengthMax&gt;</c>; the result is a view of the input.</summary>
    public ReadOnlySpan<byte> ReadOpaque(int lengthMax)
    {
        var length = ReadUInt32();
        if (length > (uint)lengthMax)
        {
            Intact = false;
            return default;
        }

        return ReadFixedOpaque((int)length);
    }

    /// <summary>Reads <c>opaque[length]</c>; the result is a view of the input.</summary>
    public ReadOnlySpan<byte> ReadFixedOpaque(int length) =>
        TryTake(length, out var bytes) && TryTake(-length & 3, out _) ? bytes : default;

    /// <summary>Marks the input as broken: for a rule that only the caller can check.</summary>
    public void Fail() => Intact = false;

    private bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        if (Intact && count <= _rest.Length)
        {
            bytes = _rest[..count];
            _rest = _rest[count..];
            return true;
        }

        bytes = default;
        Intact = false;
        return false;
    }
}
