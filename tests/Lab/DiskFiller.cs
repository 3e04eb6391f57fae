namespace Gateway.Lab;

/// <summary>A file that takes all the room of its file system.</summary>
internal static class DiskFiller
{
    private const long ReserveBytes = 1 << 20;

    /// <summary>Most of the room is allocated and not written; the rest is written until nothing fits.</summary>
    public static void Fill(string path)
    {
        var room = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Delete,
            BufferSize = 0,
            PreallocationSize = Math.Max(0, room - ReserveBytes),
        });
        file.Seek(0, SeekOrigin.End);
        foreach (var step in new[] { 256 << 10, 4 << 10 })
        {
            var content = new byte[step];
            try
            {
                while (true) file.Write(content);
            }
            catch (IOException)
            {
                // Full for this size; a smaller one may still fit.
            }
        }
    }
}
