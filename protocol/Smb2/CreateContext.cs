using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>One SMB2_CREATE_CONTEXT of a chain, MS-SMB2 2.2.13.2 and 2.2.14.2: a name and what it means.</summary>
/// <remarks>
/// <code>
///  0 Next    4 NameOffset    6 NameLength    8 Reserved    10 DataOffset    12 DataLength    16 Buffer
/// </code>
/// </remarks>
public readonly ref struct CreateContext
{
    private const int FixedBytes = 16;

    /// <summary>Names of four bytes are the shortest; the longer ones are GUIDs.</summary>
    private const int NameBytesMin = 4;

    public ReadOnlySpan<byte> Name { get; private init; }

    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>
    /// Takes the first context off a chain. Name and data lie inside of it, and the next one begins behind it, so that
    /// a chain neither loops nor overlaps.
    /// </summary>
    public static bool TryTake(ref ReadOnlySpan<byte> chain, out CreateContext context)
    {
        context = default;
        if (chain.Length < FixedBytes)
            return false;
        var next = BinaryPrimitives.ReadUInt32LittleEndian(chain);
        if ((next & 7) != 0 || next > chain.Length || (next != 0 && next < FixedBytes))
            return false;
        var own = next == 0 ? chain : chain[..(int)next];
        var nameOffset = BinaryPrimitives.ReadUInt16LittleEndian(own[4..]);
        var nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(own[6..]);
        var dataOffset = BinaryPrimitives.ReadUInt16LittleEndian(own[10..]);
        var dataBytes = BinaryPrimitives.ReadUInt32LittleEndian(own[12..]);
        if (nameOffset != FixedBytes || nameBytes < NameBytesMin || nameOffset + nameBytes > own.Length)
            return false;
        if (!Holds(own, dataOffset, dataBytes, nameOffset + nameBytes))
            return false;
        context = new CreateContext
        {
            Name = own.Slice(nameOffset, nameBytes),
            Data = dataBytes == 0 ? default : own.Slice(dataOffset, (int)dataBytes),
        };
        chain = next == 0 ? default : chain[(int)next..];
        return true;
    }

    /// <summary>Bytes of a context in a chain, the padding to the next one included.</summary>
    public static int Bytes(int nameBytes, int dataBytes) => Align(FixedBytes + nameBytes) + Align(dataBytes);

    /// <summary>Writes name and lengths; the caller fills the data, which begins where the returned span does.</summary>
    public static Span<byte> Write(Span<byte> chain, ReadOnlySpan<byte> name, int dataBytes, bool last)
    {
        var dataOffset = Align(FixedBytes + name.Length);
        var own = chain[..(dataOffset + Align(dataBytes))];
        own.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(own, last ? 0 : (uint)own.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(own[4..], FixedBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(own[6..], (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(own[10..], (ushort)(dataBytes == 0 ? 0 : dataOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(own[12..], (uint)dataBytes);
        name.CopyTo(own[FixedBytes..]);
        return own.Slice(dataOffset, dataBytes);
    }

    private static bool Holds(ReadOnlySpan<byte> own, ushort dataOffset, uint dataBytes, int nameEnd) =>
        (dataOffset & 7) == 0
            && (ulong)dataOffset + dataBytes <= (ulong)own.Length
            && (dataBytes == 0 || dataOffset >= nameEnd);

    private static int Align(int bytes) => (bytes + 7) & ~7;
}
