using System.Globalization;
using System.Security.Cryptography;
using Gateway.Bench;

const int ExitSuccess = 0;
const int ExitMissed = 1;
const int ExitUsage = 2;

BenchOptions options;
try
{
    options = BenchOptions.Parse(args);
}
catch (FormatException error)
{
    Console.Error.WriteLine($"bench: {error.Message}\n{BenchOptions.Usage}");
    return ExitUsage;
}

// A server remembers the transaction ids of its clients for a while, across runs.
var xid = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
if (options.Command == "growth")
    return new Growth(options.Targets[0], options.Size, options.Pid).Run(Console.Out, xid) ? ExitSuccess : ExitMissed;
if (options.Command == "degraded")
{
    var degraded = new Degraded(options.Targets[0], options.Pid, options.Status!, options.Rounds);
    return await degraded.RunAsync(Console.Out, xid) ? ExitSuccess : ExitMissed;
}

var comparison = new Comparison(options.Targets);
for (var round = -options.WarmUpRounds; round < options.Rounds; round++)
{
    // Another server goes first each round, so that none always finds the disk in the same mood.
    for (var turn = 0; turn < options.Targets.Count; turn++)
    {
        var target = options.Targets[(turn + round + options.WarmUpRounds) % options.Targets.Count];
        xid = unchecked(xid + options.Size.XidsPerRound);
        using var share = target.Mount(xid);
        var rates = new LoadRound(share, options.Size, round + 100).Run();
        if (round >= 0)
            comparison.Add(target, rates);
        Console.Error.WriteLine(
            $"round {round + 1}/{options.Rounds} {target.Name}: "
            + string.Join(' ', rates.Select(rate => rate.ToString("0", CultureInfo.InvariantCulture))));
    }
}

var missed = comparison.Print(Console.Out);
if (options.Pid != 0)
{
    Console.Out.WriteLine(
        $"resident memory of the product: {ProcessMemory.Resident(options.Pid) >> 20} MiB now, "
        + $"{ProcessMemory.ResidentPeak(options.Pid) >> 20} MiB at most");
}

return options.Check && missed > 0 ? ExitMissed : ExitSuccess;
