namespace Gateway.FileSystem;

/// <summary>Rules of names: 1 to 255 bytes of any kind but '/' and NUL.</summary>
public static class FileName
{
    public static bool IsDot(ReadOnlySpan<byte> name) => name is [(byte)'.'];

    public static bool IsDotDot(ReadOnlySpan<byte> name) => name is [(byte)'.', (byte)'.'];

    /// <summary>Ok, or why the bytes can name nothing.</summary>
    public static FileStatus Check(ReadOnlySpan<byte> name)
    {
        if (name.Length > FileSystemLimits.NameBytesMax) return FileStatus.NameTooLong;
        return name.IsEmpty || name.IndexOfAny((byte)'/', (byte)0) >= 0 ? FileStatus.InvalidArgument : FileStatus.Ok;
    }
}
