using System.Diagnostics;

namespace Gateway.Lab.Scenarios.Script;

/// <summary>What goes wrong and when, all of it drawn from a seed.</summary>
internal sealed class FaultScript
{
    private const int FaultsMin = 2;
    private const int FaultsMax = 5;

    /// <summary>After that long the cluster is left to recover.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(4.5);

    private readonly List<Fault> _faults = [];

    public FaultScript(int seed)
    {
        var draw = new FaultDraw(new Random(seed), Length);
        var count = new Random(seed ^ 0x5EED).Next(FaultsMin, FaultsMax + 1);
        for (var fault = 0; fault < count; fault++) _faults.Add(draw.Next());
        _faults.Sort((one, other) => one.At.CompareTo(other.At));
    }

    /// <summary>Kinds of faults in it, for the count of a run.</summary>
    public IEnumerable<string> Kinds => _faults.Select(fault => fault.What[..fault.What.IndexOf(' ', StringComparison.Ordinal)]);

    public async Task RunAsync(ScenarioCluster cluster)
    {
        var steps = _faults.Select(fault => (fault.At, Do: fault.Begin))
            .Concat(_faults.Select(fault => (At: fault.At + fault.Lasting, Do: fault.End)))
            .Append((At: Length, Do: _ => Task.CompletedTask))
            .OrderBy(step => step.At);
        var started = Stopwatch.GetTimestamp();
        foreach (var (at, step) in steps)
        {
            var wait = at - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero) await Task.Delay(wait);
            await step(cluster);
        }
    }

    public override string ToString() => string.Join('\n', _faults);
}
