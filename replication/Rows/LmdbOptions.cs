namespace Gateway.Replication.Rows;

/// <summary>Settings of a <see cref="LmdbRowStore"/>.</summary>
public sealed record LmdbOptions
{
    /// <summary>
    /// Address space reserved at first, which is also the apparent size of the sparse file; doubled when more than
    /// three quarters are used. It costs neither memory nor disk.
    /// </summary>
    public long MapBytes { get; init; } = 16L << 30;

    /// <summary>
    /// Writes through the map instead of a system call per run of pages: small transactions cost a fifth. Disk space is
    /// allocated ahead of use, because a store to a page without any would kill the process (SIGBUS).
    /// </summary>
    public bool WriteMap { get; init; } = true;

    /// <summary>
    /// Bytes of mapped files, rows and program alike, that may be resident in the process; looked at ten times a second.
    /// </summary>
    public long ResidentFileBytesMax { get; init; } = 128L << 20;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Identifies the running kernel; another one means that unsynced pages are lost.</summary>
    public string BootId { get; init; } = ReadBootId();

    private static string ReadBootId()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return File.ReadAllText(path).Trim();
    }
}
