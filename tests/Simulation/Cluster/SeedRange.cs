using System.Diagnostics;

namespace Gateway.Simulation.Cluster;

/// <summary>Runs many seeds, one thread each, and sums up.</summary>
internal sealed class SeedRange
{
    private readonly Mutations _mutation;
    private long _acknowledged, _reads, _owners, _crashes, _wipes, _damages, _changes, _restores, _tailed;

    private SeedRange(Mutations mutation) => _mutation = mutation;

    /// <summary>Ascending by seed.</summary>
    public IReadOnlyList<(int Seed, string Violation)> Violations { get; private set; } = [];

    public int Seeds { get; private set; }

    public TimeSpan Elapsed { get; private set; }

    public long Acknowledged => _acknowledged;

    public long Reads => _reads;

    public long Changes => _changes;

    public long Tailed => _tailed;

    public string Summary =>
        $"{_mutation}: {Seeds} seeds in {Elapsed.TotalSeconds:F1} s ({Seeds / Elapsed.TotalSeconds:F0}/s), "
        + $"{Violations.Count} violating; {_acknowledged} writes acknowledged, {_reads} reads, {_owners} owners, "
        + $"{_crashes} crashes, {_wipes} wipes, {_damages} damaged, "
        + $"{_changes} changes of membership, {_restores} restored backups, {_tailed} entries tailed";

    /// <summary>Runs the seeds; with <paramref name="stopAtFirst"/> until one violates.</summary>
    public static SeedRange Run(int from, int seeds, Mutations mutation = Mutations.None, bool stopAtFirst = false)
    {
        var range = new SeedRange(mutation) { Seeds = seeds };
        var found = new List<(int, string)>();
        var watch = Stopwatch.StartNew();
        Parallel.For(from, from + seeds, (seed, loop) =>
        {
            var cluster = new SimulatedCluster(seed, mutation);
            var violation = cluster.Run();
            range.Add(cluster);
            if (violation is null) return;

            lock (found) found.Add((seed, violation));
            if (stopAtFirst) loop.Stop();
        });
        range.Elapsed = watch.Elapsed;
        found.Sort();
        range.Violations = found;
        return range;
    }

    public string ReplayOf(int seed) =>
        $"dotnet run -c Release --project tests/Simulation -- --from {seed} --trace"
        + (_mutation == Mutations.None ? "" : $" --mutation {_mutation}");

    private void Add(SimulatedCluster cluster)
    {
        Interlocked.Add(ref _acknowledged, cluster.History.Acknowledged);
        Interlocked.Add(ref _tailed, cluster.Standby.Tailed);
        Interlocked.Add(ref _reads, cluster.History.Reads);
        Interlocked.Add(ref _owners, cluster.Owners);
        Interlocked.Add(ref _crashes, cluster.Crashes);
        Interlocked.Add(ref _wipes, cluster.Wipes);
        Interlocked.Add(ref _damages, cluster.Damages);
        Interlocked.Add(ref _changes, cluster.Changes);
        Interlocked.Add(ref _restores, cluster.Restores);
    }
}
