using System.Globalization;
using Gateway.Lab.Scenarios.Network;

namespace Gateway.Lab.Scenarios.Script;

/// <summary>Draws faults; a process, a link and a disk each have one at a time.</summary>
internal sealed class FaultDraw(Random random, TimeSpan length)
{
    private const int Ways = 3;

    private readonly HashSet<string> _taken = [];

    public Fault Next()
    {
        while (true)
        {
            var at = Between(0.2, 0.6 * length.TotalSeconds);
            var lasting = Between(0.4, length.TotalSeconds - at.TotalSeconds);
            var fault = random.Next(12) switch
            {
                0 or 1 => Kill(at, lasting),
                2 or 3 => Hang(at, lasting),
                4 or 5 => CutOffHost(at, lasting),
                6 => CutLink(at, lasting),
                7 => Slow(at, lasting),
                8 => Lossy(at, lasting),
                9 => Clock(at, lasting),
                _ => FullDisk(at, lasting),
            };
            if (fault is not null) return fault;
        }
    }

    private Fault? Kill(TimeSpan at, TimeSpan lasting)
    {
        var target = Process();
        return !_taken.Add($"process {target}") ? null : new Fault(
            at, lasting, $"kill {NameOf(target)}", cluster => cluster.Processes[target].KillAsync(),
            cluster => Done(() => cluster.Processes[target].Start()));
    }

    private Fault? Hang(TimeSpan at, TimeSpan lasting)
    {
        var target = Process();
        return !_taken.Add($"process {target}") ? null : new Fault(
            at, lasting, $"pause {NameOf(target)}", cluster => Done(cluster.Processes[target].Hang),
            cluster => Done(cluster.Processes[target].GoOn));
    }

    private Fault? CutOffHost(TimeSpan at, TimeSpan lasting)
    {
        var target = Process();
        var way = random.Next(Ways);
        return !_taken.Add($"network {target}") ? null : OfLinks(
            at, lasting, $"cut {NameOf(target)} off, {WayOf(way, "what comes from it", "what goes to it")}",
            LinkState.Cut, ToAllOthers(target), way);
    }

    private Fault? CutLink(TimeSpan at, TimeSpan lasting)
    {
        if (Pair() is not var (one, other)) return null;

        var way = random.Next(Ways);
        return OfLinks(
            at, lasting, $"cut {NameOf(one)} and {NameOf(other)} apart, {WayOf(way, $"what comes from {NameOf(one)}", $"what goes to {NameOf(one)}")}",
            LinkState.Cut, [(one, other)], way);
    }

    private Fault? Slow(TimeSpan at, TimeSpan lasting)
    {
        var target = Host();
        if (!_taken.Add($"network {target}")) return null;

        var delay = random.Next(5, 120);
        var rate = random.Next(2) == 0 ? 0 : random.Next(50, 1000) * 1000;
        return OfLinks(
            at, lasting, string.Create(CultureInfo.InvariantCulture, $"slow {NameOf(target)}: {delay} ms, {(rate == 0 ? "any rate" : $"{rate / 1000} kB/s")}"),
            new LinkState(Delay: TimeSpan.FromMilliseconds(delay), BytesPerSecond: rate), ToAllOthers(target), way: 0);
    }

    private Fault? Lossy(TimeSpan at, TimeSpan lasting)
    {
        var target = Host();
        if (!_taken.Add($"network {target}")) return null;

        var percent = random.Next(2, 30);
        return OfLinks(
            at, lasting, $"lossy {NameOf(target)}: {percent} %", new LinkState(Loss: percent / 100.0), ToAllOthers(target), way: 0);
    }

    // etcd has no library that could be put in front of its clock.
    private Fault? Clock(TimeSpan at, TimeSpan lasting)
    {
        var target = random.Next(1, ScenarioCluster.ProcessCount);
        if (!_taken.Add($"clock {target}")) return null;

        var ahead = TimeSpan.FromSeconds(Math.Pow(10, 1 + (4 * random.NextDouble())) * (random.Next(2) == 0 ? 1 : -1));
        return new Fault(
            at, lasting, string.Create(CultureInfo.InvariantCulture, $"clock of {NameOf(target)} {ahead.TotalSeconds:+0;-0} s"),
            cluster => Done(() => cluster.Processes[target].Clock!.Ahead = ahead),
            cluster => Done(() => cluster.Processes[target].Clock!.Ahead = TimeSpan.Zero));
    }

    private Fault? FullDisk(TimeSpan at, TimeSpan lasting)
    {
        var node = random.Next(ScenarioCluster.NodeCount);
        return !_taken.Add($"disk {node}") ? null : new Fault(
            at, lasting, $"fill the disk of {NameOf(1 + node)}", cluster => Done(() => cluster.Fill(node)),
            cluster => Done(() => cluster.Empty(node)));
    }

    private static Fault OfLinks(
        TimeSpan at, TimeSpan lasting, string what, LinkState state, IEnumerable<(int One, int Other)> links, int way)
    {
        var directions = links.SelectMany(link => way switch
        {
            0 => [(link.One, link.Other), (link.Other, link.One)],
            1 => new[] { (link.One, link.Other) },
            _ => [(link.Other, link.One)],
        }).ToList();
        return new Fault(at, lasting, what, cluster => Set(cluster, state), cluster => Set(cluster, LinkState.Healthy));

        Task Set(ScenarioCluster cluster, LinkState now)
        {
            foreach (var (from, to) in directions) cluster.Network[1 + from, 1 + to] = now;
            return Task.CompletedTask;
        }
    }

    private static string WayOf(int way, string outgoing, string incoming) =>
        way switch { 0 => "both ways", 1 => outgoing + " only", _ => incoming + " only" };

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static IEnumerable<(int One, int Other)> ToAllOthers(int target) =>
        Enumerable.Range(0, ScenarioCluster.HostCount).Where(other => other != target).Select(other => (target, other));

    private static string NameOf(int host) => ScenarioCluster.NameOf(host);

    private TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));

    // A gateway more often than others: there it shows.
    private int Process() => random.Next(3) == 0
        ? ScenarioCluster.FirstGateway + random.Next(ScenarioCluster.GatewayCount)
        : random.Next(ScenarioCluster.ProcessCount);

    private int Host() => random.Next(ScenarioCluster.HostCount);

    private (int One, int Other)? Pair()
    {
        var (one, other) = (Host(), Host());
        return one < other && _taken.Add($"link {one} {other}") ? (one, other) : null;
    }
}
