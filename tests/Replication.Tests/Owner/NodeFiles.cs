namespace Gateway.Replication.Tests.Owner;

/// <summary>The files of a stopped node, to be damaged.</summary>
internal static class NodeFiles
{
    /// <summary>Finds the bytes in the node's files and changes the first of them on the disk.</summary>
    public static void FlipInside(string directory, ReadOnlySpan<byte> needle)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            var content = File.ReadAllBytes(path);
            var at = content.AsSpan().IndexOf(needle);
            if (at < 0) continue;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.Position = at;
            file.WriteByte((byte)(content[at] ^ 0xFF));
            file.Flush(flushToDisk: true);
            return;
        }

        Assert.Fail("The bytes are in no file.");
    }
}
