namespace Gateway.Lab;

/// <summary>Rot, exactly where it is wanted.</summary>
internal static class RottenFile
{
    private const int StepBytes = 1 << 20;

    /// <summary>Flips a bit of the bytes that equal <paramref name="content"/> in a file below the directory.</summary>
    public static void Flip(string directory, string pattern, ReadOnlySpan<byte> content)
    {
        foreach (var path in Directory.EnumerateFiles(directory, pattern, SearchOption.AllDirectories))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
            if (Find(file, content) is not { } offset)
                continue;

            var place = offset + (content.Length / 2);
            file.Position = place;
            var old = file.ReadByte();
            file.Position = place;
            file.WriteByte((byte)(old ^ 0x10));
            file.Flush(flushToDisk: true);
            return;
        }

        Assert.Fail($"What was written is in no {pattern} below {directory}.");
    }

    private static long? Find(FileStream file, ReadOnlySpan<byte> content)
    {
        var buffer = new byte[StepBytes + content.Length];
        for (long at = 0; at < file.Length; at += StepBytes)
        {
            file.Position = at;
            var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var found = buffer.AsSpan(0, read).IndexOf(content);
            if (found >= 0)
                return at + found;
        }

        return null;
    }
}
