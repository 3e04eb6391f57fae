namespace Gateway.Protocol.Smb2.Information;

/// <summary>Where the fields of a directory class stand, MS-FSCC 2.4 and its sections on the classes named below.</summary>
/// <remarks>
/// All classes but Names begin alike:
/// <code>
///  0 NextEntryOffset   4 FileIndex    8 CreationTime (8)   16 LastAccessTime (8)   24 LastWriteTime (8)
/// 32 ChangeTime (8)   40 EndOfFile (8)                     48 AllocationSize (8)   56 FileAttributes   60 FileNameLength
/// </code>
/// and go on from 64 with what the class adds, the name last. Names has FileNameLength at 8. Zero: the class lacks the field.
/// </remarks>
internal readonly record struct DirectoryRecordLayout
{
    public const int FileIndex = 4;
    public const int CommonBytes = 64;
    public const int ShortNameBytesMax = 24;

    /// <summary>Of the name; also the bytes of the record without it.</summary>
    public required int Name { get; init; }

    public int NameLength { get; init; }

    public int EaSize { get; init; }

    public int ReparseTag { get; init; }

    /// <summary>ShortNameLength, a reserved byte, and 24 bytes of ShortName.</summary>
    public int ShortName { get; init; }

    public int FileId { get; init; }

    /// <summary>8, or 16 with zeros above.</summary>
    public int FileIdBytes { get; init; }

    public bool IsNames => NameLength == 8;

    public static bool TryGet(FileInformationClass informationClass, out DirectoryRecordLayout layout)
    {
        layout = informationClass switch
        {
            FileInformationClass.Names => new() { Name = 12, NameLength = 8 },
            FileInformationClass.Directory => new() { Name = 64, NameLength = 60 },
            FileInformationClass.FullDirectory => new() { Name = 68, NameLength = 60, EaSize = 64 },
            FileInformationClass.BothDirectory => new() { Name = 94, NameLength = 60, EaSize = 64, ShortName = 68 },
            FileInformationClass.IdBothDirectory =>
                new() { Name = 104, NameLength = 60, EaSize = 64, ShortName = 68, FileId = 96, FileIdBytes = 8 },
            FileInformationClass.IdFullDirectory => new() { Name = 80, NameLength = 60, EaSize = 64, FileId = 72, FileIdBytes = 8 },
            FileInformationClass.IdExtdDirectory =>
                new() { Name = 88, NameLength = 60, EaSize = 64, ReparseTag = 68, FileId = 72, FileIdBytes = 16 },
            FileInformationClass.IdExtdBothDirectory =>
                new() { Name = 114, NameLength = 60, EaSize = 64, ReparseTag = 68, FileId = 72, FileIdBytes = 16, ShortName = 88 },
            _ => default,
        };
        return layout.Name != 0;
    }
}
