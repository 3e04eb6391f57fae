using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>What a CHANGE_NOTIFY waits for, MS-SMB2 2.2.35 (FILE_NOTIFY_CHANGE_...).</summary>
[Flags]
public enum CompletionFilter : uint
{
    None = 0,
    FileName = 0x001,
    DirectoryName = 0x002,
    Attributes = 0x004,
    Size = 0x008,
    LastWrite = 0x010,
    LastAccess = 0x020,
    Creation = 0x040,
    ExtendedAttributes = 0x080,
    Security = 0x100,
    StreamName = 0x200,
    StreamSize = 0x400,
    StreamWrite = 0x800,
}

/// <summary>What happened to a name, MS-FSCC 2.7.1 (FILE_ACTION_...).</summary>
public enum FileAction : uint
{
    Added = 1,
    Removed = 2,
    Modified = 3,
    RenamedOldName = 4,
    RenamedNewName = 5,
    AddedStream = 6,
    RemovedStream = 7,
    ModifiedStream = 8,
}

/// <summary>SMB2 CHANGE_NOTIFY Request, MS-SMB2 2.2.35.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 32   2 Flags   4 OutputBufferLength   8 FileId (16)   24 CompletionFilter   28 Reserved
/// </code>
/// </remarks>
public readonly record struct ChangeNotifyRequest
{
    public const int BodyBytes = 32;

    private const ushort WatchTreeFlag = 1;

    public required FileId FileId { get; init; }

    public required uint OutputBufferLength { get; init; }

    public required CompletionFilter Filter { get; init; }

    /// <summary>SMB2_WATCH_TREE: everything below the directory counts.</summary>
    public bool WatchTree { get; init; }

    /// <summary>Parses a message, its header included.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ChangeNotifyRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, BodyBytes, BodyBytes, out var body)) return false;

        request = new ChangeNotifyRequest
        {
            WatchTree = (BinaryPrimitives.ReadUInt16LittleEndian(body[2..]) & WatchTreeFlag) != 0,
            OutputBufferLength = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            FileId = FileId.Read(body[8..]),
            Filter = (CompletionFilter)BinaryPrimitives.ReadUInt32LittleEndian(body[24..]),
        };
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], WatchTree ? WatchTreeFlag : (ushort)0);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], OutputBufferLength);
        FileId.Write(body[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], (uint)Filter);
    }
}

/// <summary>FILE_NOTIFY_INFORMATION, MS-FSCC 2.7.1: an action and the UTF-16 path from the watched directory.</summary>
/// <remarks>
/// <code>
/// 0 NextEntryOffset   4 Action   8 FileNameLength   12 FileName
/// </code>
/// The response around the list is a <see cref="QueryResponse"/> (MS-SMB2 2.2.36).
/// </remarks>
public readonly ref struct FileNotifyInformation
{
    /// <summary>Bytes before the name.</summary>
    public const int FixedBytes = 12;

    private const int Alignment = 4;

    public required FileAction Action { get; init; }

    /// <summary>UTF-16, little-endian.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Bytes an entry takes behind <paramref name="before"/> bytes of others.</summary>
    public static int BytesOf(int before, int nameBytes) => Padding(before) + FixedBytes + nameBytes;

    /// <summary>
    /// Appends the entry behind <paramref name="length"/> bytes of entries, of which the last begins at
    /// <paramref name="last"/> and is linked to this one; both move on.
    /// </summary>
    public void Append(Span<byte> list, ref int length, ref int last)
    {
        var start = length + Padding(length);
        list[length..start].Clear();
        if (length > 0) BinaryPrimitives.WriteUInt32LittleEndian(list[last..], (uint)(start - last));

        var entry = list[start..];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)Action);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)Name.Length);
        Name.CopyTo(entry[FixedBytes..]);
        last = start;
        length = start + FixedBytes + Name.Length;
    }

    /// <summary>Takes the first entry off the list; false when it is cut short or links backwards.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> list, out FileNotifyInformation entry)
    {
        entry = default;
        if (list.Length < FixedBytes) return false;

        var next = BinaryPrimitives.ReadUInt32LittleEndian(list);
        var nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(list[8..]);
        if (nameBytes > list.Length - FixedBytes) return false;
        if (next != 0 && (next < FixedBytes + nameBytes || next > list.Length - FixedBytes || next % Alignment != 0)) return false;

        entry = new FileNotifyInformation
        {
            Action = (FileAction)BinaryPrimitives.ReadUInt32LittleEndian(list[4..]),
            Name = list.Slice(FixedBytes, (int)nameBytes),
        };
        list = next == 0 ? default : list[(int)next..];
        return true;
    }

    private static int Padding(int length) => (Alignment - length % Alignment) % Alignment;
}
