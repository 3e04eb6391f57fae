using System.Text;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Rows;

/// <summary>
/// A small file beside the rows that tells whether their file can be trusted: written by the same boot of the machine
/// (a dead process loses nothing that it handed to the kernel), or closed after a sync.
/// </summary>
internal static class LmdbMark
{
    private const string Name = "mark";
    private const string Clean = "clean";
    private const int Bytes = 64;

    public static bool Trusts(string directory, string bootId)
    {
        var path = Path.Join(directory, Name);
        if (!File.Exists(path)) return false;
        var text = File.ReadAllText(path).TrimEnd();
        return text == bootId || text == Clean;
    }

    public static void WriteOpen(string directory, string bootId) => Write(directory, bootId);

    public static void WriteClean(string directory) => Write(directory, Clean);

    /// <summary>The next opening discards the rows.</summary>
    public static void WriteBroken(string directory) => Write(directory, "broken");

    // In place and of fixed length, so that it needs no room on a full disk. A torn mark is one that nothing trusts.
    private static void Write(string directory, string text)
    {
        var disk = new LinuxDisk(directory);
        var exists = File.Exists(Path.Join(directory, Name));
        using (var file = exists ? disk.Open(Name) : disk.Create(Name))
        {
            file.Write(0, Encoding.ASCII.GetBytes(text.PadRight(Bytes)));
            file.Sync();
        }

        if (!exists) disk.SyncDirectory();
    }
}
