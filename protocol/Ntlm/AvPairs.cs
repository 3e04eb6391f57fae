using System.Buffers.Binary;

namespace Gateway.Protocol.Ntlm;

/// <summary>A list of AV_PAIR structures, read in place (MS-NLMP 2.2.2.1).</summary>
public readonly ref struct AvPairs
{
    private const int HeaderBytes = 4;

    private readonly ReadOnlySpan<byte> _pairs;

    private AvPairs(ReadOnlySpan<byte> pairs) => _pairs = pairs;

    /// <summary>Takes a list up to its end mark; what follows that is of no meaning. False when there is no end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AvPairs pairs)
    {
        pairs = default;
        for (var offset = 0; bytes.Length - offset >= HeaderBytes;)
        {
            if (Id(bytes, offset) == AvId.EndOfList)
            {
                pairs = new AvPairs(bytes[..offset]);
                return true;
            }

            offset += HeaderBytes + Length(bytes, offset);
        }

        return false;
    }

    /// <summary>The value of the first pair of a kind.</summary>
    public bool TryFind(AvId id, out ReadOnlySpan<byte> value)
    {
        for (var offset = 0; offset < _pairs.Length; offset += HeaderBytes + Length(_pairs, offset))
        {
            if (Id(_pairs, offset) != id) continue;

            value = _pairs.Slice(offset + HeaderBytes, Length(_pairs, offset));
            return true;
        }

        value = default;
        return false;
    }

    private static AvId Id(ReadOnlySpan<byte> bytes, int offset) =>
        (AvId)BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static int Length(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[(offset + sizeof(ushort))..]);
}
