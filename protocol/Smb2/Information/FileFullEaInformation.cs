using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileFullEaInformation, MS-FSCC 2.4.16: an extended attribute in a list. A view of the buffer.</summary>
/// <remarks>
/// <code>
/// 0 NextEntryOffset   4 Flags   5 EaNameLength   6 EaValueLength   8 EaName, NUL, EaValue
/// </code>
/// </remarks>
public readonly ref struct FileFullEaInformation
{
    /// <summary>Bytes before the name.</summary>
    public const int FixedBytes = 8;

    /// <summary>FILE_NEED_EA: who does not know the attribute must not open the file.</summary>
    public const byte NeedEa = 0x80;

    /// <summary>Entries start at multiples of this.</summary>
    public const int Alignment = 4;

    public byte Flags { get; init; }

    /// <summary>In the client's 8-bit characters, without the NUL behind it.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>When set: empty removes the attribute.</summary>
    public required ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Bytes of the entry, without padding.</summary>
    public int Bytes => BytesOf(Name.Length, Value.Length);

    public static int BytesOf(int nameBytes, int valueBytes) => FixedBytes + nameBytes + 1 + valueBytes;

    /// <summary>Writes the entry with its NextEntryOffset, 0 for the last.</summary>
    public void Write(Span<byte> target, int nextEntryOffset)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)nextEntryOffset);
        target[4] = Flags;
        target[5] = (byte)Name.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], (ushort)Value.Length);
        Name.CopyTo(target[FixedBytes..]);
        target[FixedBytes + Name.Length] = 0;
        Value.CopyTo(target[(FixedBytes + Name.Length + 1)..]);
    }

    /// <summary>Reads the entry at the start of the buffer; false when it does not end within it.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> buffer, out FileFullEaInformation entry, out uint nextEntryOffset)
    {
        entry = default;
        nextEntryOffset = 0;
        if (buffer.Length < FixedBytes) return false;

        var nameBytes = buffer[5];
        var valueBytes = BinaryPrimitives.ReadUInt16LittleEndian(buffer[6..]);
        var bytes = BytesOf(nameBytes, valueBytes);
        nextEntryOffset = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        if (nameBytes == 0 || bytes > buffer.Length || buffer[FixedBytes + nameBytes] != 0) return false;
        if (nextEntryOffset != 0 && (nextEntryOffset < bytes || nextEntryOffset % Alignment != 0)) return false;

        entry = new FileFullEaInformation
        {
            Flags = buffer[4],
            Name = buffer.Slice(FixedBytes, nameBytes),
            Value = buffer.Slice(FixedBytes + nameBytes + 1, valueBytes),
        };
        return true;
    }
}
