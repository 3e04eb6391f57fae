using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileBasicInformation, MS-FSCC 2.4.7. Times are FILETIMEs, or one of the special values when they are set.</summary>
public readonly record struct FileBasicInformation
{
    public const int Bytes = 40;

    /// <summary>When set: the time stays as it is.</summary>
    public const long Unchanged = 0;

    /// <summary>When set: operations through this open no longer change the time by themselves.</summary>
    public const long Freeze = -1;

    /// <summary>When set: operations through this open change the time again.</summary>
    public const long Thaw = -2;

    public long CreationTime { get; init; }

    public long LastAccessTime { get; init; }

    public long LastWriteTime { get; init; }

    public long ChangeTime { get; init; }

    /// <summary>When set, zero leaves the attributes as they are.</summary>
    public Smb2FileAttributes FileAttributes { get; init; }

    /// <summary>A time that can be set: a special value, or a moment from 1601 on.</summary>
    public static bool IsSettable(long time) => time >= Thaw;

    /// <summary>Reads a buffer of a SET_INFO, which may be longer; the last four bytes are reserved and may be missing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileBasicInformation parsed)
    {
        parsed = default;
        if (buffer.Length < Bytes - sizeof(uint)) return false;
        parsed = new FileBasicInformation
        {
            CreationTime = BinaryPrimitives.ReadInt64LittleEndian(buffer),
            LastAccessTime = BinaryPrimitives.ReadInt64LittleEndian(buffer[8..]),
            LastWriteTime = BinaryPrimitives.ReadInt64LittleEndian(buffer[16..]),
            ChangeTime = BinaryPrimitives.ReadInt64LittleEndian(buffer[24..]),
            FileAttributes = (Smb2FileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(buffer[32..]),
        };
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, CreationTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], LastAccessTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], LastWriteTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], ChangeTime);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], (uint)FileAttributes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[36..], 0);
    }
}
