namespace Gateway.Replication.Disks;

/// <summary>What the kernel says of the mounted file systems, in the format of /proc/self/mountinfo (proc(5)).</summary>
public static class MountTable
{
    private const string Path = "/proc/self/mountinfo";

    /// <summary>The table of this process; empty where the kernel shows none.</summary>
    public static string Read() => File.Exists(Path) ? File.ReadAllText(Path) : "";

    /// <summary>The options of the file system that holds a path, those of the mount and of its super block.</summary>
    /// <param name="table">The text of the table.</param>
    /// <param name="path">Absolute, without symbolic links.</param>
    public static IReadOnlyList<string> OptionsOf(string table, string path)
    {
        var (longest, options) = (-1, Array.Empty<string>());
        foreach (var line in table.Split('\n'))
        {
            // id parent major:minor root mount-point options optional-fields... - type source super-options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash < 0 || fields.Length < dash + 4) continue;

            // Of equal ones the last was mounted over the others.
            var mount = Unescape(fields[4]);
            if (mount.Length < longest || !IsWithin(path, mount)) continue;
            longest = mount.Length;
            options = [.. fields[5].Split(','), .. fields[dash + 3].Split(',')];
        }

        return options;
    }

    private static bool IsWithin(string path, string mount) =>
        mount == "/" || path == mount || path.StartsWith(mount + "/", StringComparison.Ordinal);

    // Space, tab, newline and backslash come as three octal digits.
    private static string Unescape(string name) =>
        name.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
            .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}
