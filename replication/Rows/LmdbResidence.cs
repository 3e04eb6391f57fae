using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.Replication.Rows;

/// <summary>
/// Keeps the file's pages that are mapped into this process within a bound: past it all are unmapped at once. They
/// stay in the page cache, and those in use come back with a soft fault per 64 KiB.
/// </summary>
/// <remarks>
/// Without it the resident size of the process grows to the size of the rows, and says nothing about what it needs.
/// </remarks>
internal sealed partial class LmdbResidence : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly LmdbEnvironment _environment;
    private readonly long _bytesMax;
    private readonly ITimer _timer;

    public LmdbResidence(LmdbEnvironment environment, long bytesMax, TimeProvider time)
    {
        _environment = environment;
        _bytesMax = bytesMax;
        _timer = time.CreateTimer(_ => Check(), null, Period, Period);
    }

    /// <summary>Bytes of mapped files that are resident, of this process as a whole.</summary>
    public static long ResidentFileBytes
    {
        get
        {
            // size resident shared ..., in pages; "shared" is what belongs to files.
            var fields = File.ReadAllText("/proc/self/statm").Split(' ');
            return long.Parse(fields[2], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Unmaps all resident pages of the rows; they are read again from the page cache when needed.</summary>
    public static unsafe void Release(LmdbEnvironment environment)
    {
        const int dontNeed = 4;

        // As a reader, so that the map is not moved meanwhile.
        var reader = environment.Enter();
        try
        {
            var key = LmdbMeta.Key;
            Lmdb.Bytes value;
            if (Lmdb.Get(reader.Transaction, reader.Table, &key, &value) != 0) return;
            if (TryFindMap((nuint)value.Data, out var start, out var length))
                _ = Advise((void*)start, length, dontNeed);
        }
        finally
        {
            environment.Leave(reader);
        }
    }

    private static bool TryFindMap(nuint address, out nuint start, out nuint length)
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var dash = line.IndexOf('-', StringComparison.Ordinal);
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            start = nuint.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var end = nuint.Parse(
                line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            length = end - start;
            if (address >= start && address < end) return true;
        }

        start = 0;
        length = 0;
        return false;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(void* address, nuint length, int advice);

    private void Check()
    {
        if (ResidentFileBytes <= _bytesMax) return;
        try
        {
            Release(_environment);
        }
        catch (ObjectDisposedException)
        {
            // The store closed meanwhile.
        }
    }
}
