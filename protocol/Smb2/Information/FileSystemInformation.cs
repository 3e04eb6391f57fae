using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileFsVolumeInformation, MS-FSCC 2.5.9; the label, in UTF-16, stands behind it.</summary>
public readonly record struct FileFsVolumeInformation(long VolumeCreationTime, uint VolumeSerialNumber)
{
    public const int FixedBytes = 18;

    /// <summary>The structure in C ends with one character of the label, padded: less is a mismatch.</summary>
    public const int LeastBytes = 24;

    public void Write(Span<byte> target, int labelBytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, VolumeCreationTime);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], VolumeSerialNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], (uint)labelBytes);

        // SupportsObjects: no.
        BinaryPrimitives.WriteUInt16LittleEndian(target[16..], 0);
    }
}

/// <summary>FileFsSizeInformation and FileFsFullSizeInformation, MS-FSCC 2.5.8 and 2.5.4.</summary>
public readonly record struct FileFsFullSizeInformation
{
    public const int Bytes = 32;

    /// <summary>Of FileFsSizeInformation, which tells only what the caller may use.</summary>
    public const int SizeBytes = 24;

    public required long TotalAllocationUnits { get; init; }

    public required long CallerAvailableAllocationUnits { get; init; }

    public required long ActualAvailableAllocationUnits { get; init; }

    public required uint SectorsPerAllocationUnit { get; init; }

    public required uint BytesPerSector { get; init; }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, TotalAllocationUnits);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], CallerAvailableAllocationUnits);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], ActualAvailableAllocationUnits);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], SectorsPerAllocationUnit);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], BytesPerSector);
    }

    public void WriteSize(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, TotalAllocationUnits);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], CallerAvailableAllocationUnits);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], SectorsPerAllocationUnit);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], BytesPerSector);
    }
}

/// <summary>FileFsDeviceInformation, MS-FSCC 2.5.10.</summary>
public readonly record struct FileFsDeviceInformation(uint DeviceType, uint Characteristics)
{
    public const int Bytes = 8;

    /// <summary>FILE_DEVICE_DISK.</summary>
    public const uint Disk = 7;

    /// <summary>FILE_DEVICE_IS_MOUNTED.</summary>
    public const uint IsMounted = 0x20;

    /// <summary>FILE_READ_ONLY_DEVICE.</summary>
    public const uint ReadOnly = 0x02;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, DeviceType);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Characteristics);
    }
}

/// <summary>FileFsAttributeInformation, MS-FSCC 2.5.1; the file system's name, in UTF-16, stands behind it.</summary>
public readonly record struct FileFsAttributeInformation(FileSystemAttributes Attributes, uint MaximumComponentNameLength)
{
    public const int FixedBytes = 12;

    /// <summary>The structure in C ends with one character of the name, padded: less is a mismatch.</summary>
    public const int LeastBytes = 16;

    public void Write(Span<byte> target, int nameBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)Attributes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], MaximumComponentNameLength);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], (uint)nameBytes);
    }
}

/// <summary>FileFsControlInformation, MS-FSCC 2.5.2: quota settings of the volume, of which there are none.</summary>
public static class FileFsControlInformation
{
    public const int Bytes = 48;

    /// <summary>Thresholds and limits of all ones mean "no limit".</summary>
    public static void WriteWithoutQuotas(Span<byte> target)
    {
        target[..Bytes].Clear();
        target.Slice(24, 16).Fill(0xFF);
    }
}

/// <summary>FileFsObjectIdInformation, MS-FSCC 2.5.6: 16 bytes that identify the volume, and 48 more of nothing.</summary>
public static class FileFsObjectIdInformation
{
    public const int Bytes = 64;

    public static void Write(Span<byte> target, Guid objectId)
    {
        target[..Bytes].Clear();
        objectId.TryWriteBytes(target);
    }
}

/// <summary>FileFsSectorSizeInformation, MS-FSCC 2.5.7: one size for everything, and nothing to align to.</summary>
public readonly record struct FileFsSectorSizeInformation(uint LogicalBytesPerSector, uint PhysicalBytesPerSector)
{
    public const int Bytes = 28;

    /// <summary>SSINFO_FLAGS_ALIGNED_DEVICE and SSINFO_FLAGS_PARTITION_ALIGNED_ON_DEVICE.</summary>
    private const uint Aligned = 0x3;

    /// <summary>SSINFO_FLAGS_NO_SEEK_PENALTY.</summary>
    private const uint NoSeekPenalty = 0x4;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, LogicalBytesPerSector);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], PhysicalBytesPerSector);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], PhysicalBytesPerSector);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], LogicalBytesPerSector);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Aligned | NoSeekPenalty);

        // ByteOffsetForSectorAlignment and ByteOffsetForPartitionAlignment.
        BinaryPrimitives.WriteUInt64LittleEndian(target[20..], 0);
    }
}
