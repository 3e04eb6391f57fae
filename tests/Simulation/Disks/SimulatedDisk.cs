using Gateway.Replication.Disks;

namespace Gateway.Simulation.Disks;

/// <summary>How hostile a simulated disk is. All rates are probabilities per operation.</summary>
public sealed record SimulatedDiskOptions
{
    public long CapacityBytes { get; init; } = 64 << 20;

    /// <summary>Chance that <see cref="IDiskFile.Sync"/> fails with EIO, leaving the cache clean and the medium old.</summary>
    public double SyncFailureRate { get; init; }

    /// <summary>Chance that a write fails with EIO after part of it reached the cache.</summary>
    public double WriteFailureRate { get; init; }

    /// <summary>Chance that one unflushed sector survives a crash.</summary>
    public double SectorSurvivalRate { get; init; } = 0.5;

    /// <summary>Chance that an unflushed directory change survives a crash.</summary>
    public double DirectorySurvivalRate { get; init; } = 0.5;
}

/// <summary>
/// A directory on a disk that forgets. Each file has what the page cache shows and what the medium holds, in
/// sectors of 512 bytes; a crash keeps any subset of the sectors written since the last flush (torn, reordered),
/// any of the unflushed directory changes, or none. Rot flips bits on the medium; a failed flush leaves the cache
/// showing data that the medium lacks, as ext4, XFS and Btrfs do.
/// </summary>
/// <remarks>Deterministic for a seed. Single-threaded. Handles opened before a crash throw after it.</remarks>
public sealed class SimulatedDisk : IDisk
{
    public const int SectorBytes = 512;

    private readonly Random _random;
    private readonly List<DirectoryChange> _unsynced = [];
    private SortedDictionary<string, SimulatedFile> _visible = new(StringComparer.Ordinal);
    private SortedDictionary<string, SimulatedFile> _durable = new(StringComparer.Ordinal);
    private int _failSyncIn = -1;

    public SimulatedDisk(int seed, SimulatedDiskOptions? options = null)
        : this(new Random(seed), options ?? new SimulatedDiskOptions())
    {
    }

    private SimulatedDisk(Random random, SimulatedDiskOptions options)
    {
        _random = random;
        Options = options;
    }

    public SimulatedDiskOptions Options { get; set; }

    /// <summary>Called before each operation that changes the disk; a test may copy the disk or throw there.</summary>
    public Action<SimulatedDisk>? BeforeChange { get; set; }

    /// <summary>Successful flushes so far.</summary>
    public int Syncs { get; private set; }

    /// <summary>Incremented by each crash and restart; older handles are dead.</summary>
    internal int Generation { get; private set; }

    public long UsedBytes
    {
        get
        {
            long used = 0;
            foreach (var file in _visible.Values) used += file.Length;
            return used;
        }
    }

    public DiskSpace Space => new(Options.CapacityBytes, Math.Max(0, Options.CapacityBytes - UsedBytes));

    public IReadOnlyList<string> List() => [.. _visible.Keys];

    public IDiskFile Open(string name) => new SimulatedHandle(this, Find(name));

    public IDiskFile Create(string name)
    {
        BeforeChange?.Invoke(this);
        if (_visible.ContainsKey(name)) throw new DiskException(DiskFault.Failed, $"{name} exists.");
        var file = new SimulatedFile();
        Change(new DirectoryChange(name, null, file));
        return new SimulatedHandle(this, file);
    }

    public void Rename(string from, string to)
    {
        BeforeChange?.Invoke(this);
        Change(new DirectoryChange(to, from, Find(from)));
    }

    public void Delete(string name)
    {
        BeforeChange?.Invoke(this);
        _ = Find(name);
        Change(new DirectoryChange(name, null, null));
    }

    public void SyncDirectory()
    {
        BeforeChange?.Invoke(this);
        ThrowIfSyncFails();
        _unsynced.Clear();
        _durable = new SortedDictionary<string, SimulatedFile>(_visible, StringComparer.Ordinal);
        Syncs++;
    }

    /// <summary>Makes the n-th flush from now (0 is the next) of a file or the directory fail with EIO.</summary>
    public void FailSync(int after = 0) => _failSyncIn = after;

    /// <summary>The machine loses power: unflushed sectors and directory changes survive at random.</summary>
    public void Crash()
    {
        CrashKeeping(
            _ => _random.NextDouble() < Options.SectorSurvivalRate,
            _ => _random.NextDouble() < Options.DirectorySurvivalRate);
    }

    /// <summary>The machine loses power; the callbacks decide, in a fixed order, what of the unflushed survives.</summary>
    public void CrashKeeping(Func<DirtySector, bool> sectorSurvives, Func<int, bool> directoryChangeSurvives)
    {
        for (var i = 0; i < _unsynced.Count; i++)
        {
            if (directoryChangeSurvives(i)) _unsynced[i].ApplyTo(_durable);
        }

        _unsynced.Clear();
        foreach (var (name, file) in _durable)
            file.Crash(sector => sectorSurvives(new DirtySector(name, sector)));

        _visible = new SortedDictionary<string, SimulatedFile>(_durable, StringComparer.Ordinal);
        Generation++;
    }

    /// <summary>The process dies and the machine lives: nothing written is lost, and the page cache stays as it is.</summary>
    public void RestartProcess() => Generation++;

    /// <summary>The disk is replaced by an empty one.</summary>
    public void Wipe()
    {
        _visible.Clear();
        _durable.Clear();
        _unsynced.Clear();
        Generation++;
    }

    /// <summary>Flips bits of one byte on the medium, and in the cache unless that sector is dirty.</summary>
    public void Rot(string name, long offset, byte mask = 0x10) => Find(name).Rot(offset, mask);

    /// <summary>Flips a random bit in a random file; false when there is none with content.</summary>
    public bool RotAnywhere(Func<string, bool>? choose = null)
    {
        var names = _visible.Where(f => f.Value.Length > 0 && (choose is null || choose(f.Key))).Select(f => f.Key).ToList();
        if (names.Count == 0) return false;

        var name = names[_random.Next(names.Count)];
        Rot(name, _random.NextInt64(_visible[name].Length), (byte)(1 << _random.Next(8)));
        return true;
    }

    /// <summary>Sectors that a crash may lose, in the order <see cref="CrashKeeping"/> asks for them.</summary>
    public IReadOnlyList<DirtySector> DirtySectors()
    {
        var dirty = new List<DirtySector>();
        foreach (var (name, file) in _visible)
            dirty.AddRange(file.DirtySectors.Select(sector => new DirtySector(name, sector)));

        return dirty;
    }

    public int UnsyncedDirectoryChanges => _unsynced.Count;

    /// <summary>An independent disk with the same cache, medium and unflushed changes.</summary>
    public SimulatedDisk Copy(int seed = 0)
    {
        var copies = new Dictionary<SimulatedFile, SimulatedFile>(ReferenceEqualityComparer.Instance);
        SimulatedFile CopyOf(SimulatedFile file)
        {
            if (!copies.TryGetValue(file, out var copy)) copies.Add(file, copy = file.Copy());
            return copy;
        }

        var disk = new SimulatedDisk(new Random(seed), Options);
        foreach (var (name, file) in _visible) disk._visible.Add(name, CopyOf(file));
        foreach (var (name, file) in _durable) disk._durable.Add(name, CopyOf(file));
        foreach (var change in _unsynced)
            disk._unsynced.Add(change with { File = change.File is null ? null : CopyOf(change.File) });

        return disk;
    }

    internal void BeforeFileChange() => BeforeChange?.Invoke(this);

    internal void Grow(SimulatedFile file, long length)
    {
        if (length <= file.Length) return;
        if (UsedBytes - file.Length + length > Options.CapacityBytes)
            throw new DiskException(DiskFault.Full, "No space left on the simulated disk.");
    }

    internal bool WriteFails() => Options.WriteFailureRate > 0 && _random.NextDouble() < Options.WriteFailureRate;

    internal bool WritesBack() => _random.Next(4) == 0;

    internal void Sync(SimulatedFile file)
    {
        if (SyncFails())
        {
            file.FailSync(() => _random.NextDouble() < Options.SectorSurvivalRate);
            throw new DiskException(DiskFault.Failed, "Input/output error at a simulated flush.");
        }

        file.Sync();
        Syncs++;
    }

    private void ThrowIfSyncFails()
    {
        if (SyncFails()) throw new DiskException(DiskFault.Failed, "Input/output error at a simulated flush.");
    }

    private bool SyncFails() =>
        (_failSyncIn >= 0 && _failSyncIn-- == 0)
        || (Options.SyncFailureRate > 0 && _random.NextDouble() < Options.SyncFailureRate);

    private SimulatedFile Find(string name) =>
        _visible.TryGetValue(name, out var file) ? file : throw new DiskException(DiskFault.Failed, $"{name} does not exist.");

    private void Change(DirectoryChange change)
    {
        change.ApplyTo(_visible);
        _unsynced.Add(change);
    }

    private sealed record DirectoryChange(string Name, string? From, SimulatedFile? File)
    {
        /// <summary>Applied alone after a crash it may find another file, or none, under the old name; it then does less.</summary>
        public void ApplyTo(SortedDictionary<string, SimulatedFile> directory)
        {
            if (From is not null)
            {
                if (!directory.TryGetValue(From, out var moved) || !ReferenceEquals(moved, File)) return;
                directory.Remove(From);
            }

            if (File is null) directory.Remove(Name);
            else directory[Name] = File;
        }
    }
}

/// <summary>One sector whose cached content the medium does not have yet.</summary>
public readonly record struct DirtySector(string FileName, int Sector);
