using System.Globalization;
using System.Text;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Nodes;

/// <summary>
/// Remembers, on the device itself, when writes or flushes failed: the second failure within a day means that the
/// device is failed (PROTOCOL §3). Whoever has replaced or examined it deletes the file.
/// </summary>
/// <remarks>
/// Best effort: a device may take nothing more, not even this. It then fails again at the next start.
/// </remarks>
internal static class DeviceFailures
{
    public const string FileName = "device-failures";

    /// <summary>Failures further apart than this are two accidents and not one broken device.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    private const string PartialName = "device-failures.new";
    private const int BytesMax = 4096;

    public static bool IsFailed(IDisk disk) => Read(disk) is [var first, var second] && second - first <= Window;

    /// <summary>
    /// Makes the disk suspect when it is what failed, and notes the time unless it was merely full.
    /// </summary>
    public static void TryNote(IDisk disk, Exception failure, TimeProvider time)
    {
        if (failure is not DiskException { Fault: var fault }) return;
        SuspectMark.TrySet(disk);
        if (fault == DiskFault.Failed) TryNote(disk, time.GetUtcNow());
    }

    // A device that is failed already stays so.
    private static void TryNote(IDisk disk, DateTimeOffset now)
    {
        try
        {
            if (IsFailed(disk)) return;
            DateTimeOffset[] times = Read(disk) is [.., var last] ? [last, now] : [now];
            var lines = string.Concat(times.Select(time => time.ToString("O", CultureInfo.InvariantCulture) + "\n"));
            if (disk.List().Contains(PartialName)) disk.Delete(PartialName);
            using (var partial = disk.Create(PartialName))
            {
                partial.Write(0, Encoding.ASCII.GetBytes(lines));
                partial.Sync();
            }

            disk.Rename(PartialName, FileName);
            disk.SyncDirectory();
        }
        catch (DiskException)
        {
            // See above.
        }
    }

    // At most two times, ascending; none when there is no such file or it is not what was written.
    private static DateTimeOffset[] Read(IDisk disk)
    {
        if (!disk.List().Contains(FileName)) return [];
        using var file = disk.Open(FileName);
        var bytes = new byte[Math.Min(file.Length, BytesMax)];
        var count = file.Read(0, bytes);
        var times = new List<DateTimeOffset>();
        foreach (var line in Encoding.ASCII.GetString(bytes, 0, count).Split('\n'))
        {
            if (DateTimeOffset.TryParseExact(
                line, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
            {
                times.Add(time);
            }
        }

        return times.Count > 2 ? [.. times[^2..]] : [.. times];
    }
}
