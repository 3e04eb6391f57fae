using Gateway.Simulation.Cluster;

namespace Gateway.Simulation;

/// <summary>
/// <c>--seeds N --from S [--mutation NAME] [--trace]</c>: runs seeds on all processors. A violation is printed
/// with the line that replays it, and the exit code is 1.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        int seeds = 1000, from = 0;
        var mutation = Mutations.None;
        var trace = false;
        for (var at = 0; at < arguments.Length; at++)
        {
            var value = at + 1 < arguments.Length ? arguments[at + 1] : "";
            switch (arguments[at])
            {
                case "--seeds" when int.TryParse(value, out seeds) && seeds > 0:
                case "--from" when int.TryParse(value, out from) && from >= 0:
                case "--mutation" when Enum.TryParse(value, ignoreCase: true, out mutation):
                    at++;
                    break;
                case "--trace":
                    trace = true;
                    break;
                default:
                    Console.Error.WriteLine($"simulation: unknown option or value: {arguments[at]} {value}".TrimEnd());
                    return 2;
            }
        }

        return trace ? Trace(from, mutation) : Report(SeedRange.Run(from, seeds, mutation));
    }

    private static int Trace(int seed, Mutations mutation)
    {
        var violation = new SimulatedCluster(seed, mutation, Console.Out).Run();
        Console.WriteLine(violation ?? "no violation");
        return violation is null ? 0 : 1;
    }

    private static int Report(SeedRange range)
    {
        Console.WriteLine(range.Summary);
        foreach (var (seed, violation) in range.Violations.Take(10)) Console.WriteLine($"seed {seed}: {violation}");
        if (range.Violations.Count == 0) return 0;

        Console.WriteLine($"replay: {range.ReplayOf(range.Violations[0].Seed)}");
        return 1;
    }
}
