using Gateway.Replication.Disks;

namespace Gateway.Replication.Nodes;

/// <summary>A file that says: a write or flush failed in the process before this one (PROTOCOL §3, suspect).</summary>
internal static class SuspectMark
{
    private const string FileName = "suspect";

    public static bool IsSet(IDisk disk) => disk.List().Contains(FileName);

    /// <summary>Best effort: the disk has just failed. Recovery reads the medium, with or without the mark.</summary>
    public static void TrySet(IDisk disk)
    {
        try
        {
            if (!IsSet(disk)) disk.Create(FileName).Dispose();
            disk.SyncDirectory();
        }
        catch (DiskException)
        {
        }
    }

    public static void Clear(IDisk disk)
    {
        if (!IsSet(disk)) return;
        disk.Delete(FileName);
        disk.SyncDirectory();
    }
}
