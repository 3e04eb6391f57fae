using System.Globalization;

namespace Gateway.Bench;

/// <summary>The command line.</summary>
internal sealed record BenchOptions
{
    public const string Usage = """
        bench nfs    --target NAME=ADDRESS:NFSPORT:MOUNTPORT:EXPORT ... [--pid PID] [--rounds 5] [--warm-up 1]
                     [--megabytes 200] [--files 2000] [--depth 16] [--check]
        bench growth --target ... [--pid PID] [--files 1000000] [--depth 64]
        bench degraded --target ... --pid PID --status URI [--rounds 5]
        The first target is the product; ratios are to the others. --check: exit 1 when a mark is missed.
        """;

    public string Command { get; private init; } = "";

    public IReadOnlyList<Target> Targets { get; private init; } = [];

    /// <summary>The process of the product, for its resident memory, or of the node that hangs; 0 for none.</summary>
    public int Pid { get; private init; }

    /// <summary>Where the gateway says how it stands.</summary>
    public Uri? Status { get; private init; }

    public int Rounds { get; private init; } = 5;

    public int WarmUpRounds { get; private init; } = 1;

    public LoadSize Size { get; private init; } = new(200, 2000, 16);

    public bool Check { get; private init; }

    /// <exception cref="FormatException">A wrong option or value.</exception>
    public static BenchOptions Parse(ReadOnlySpan<string> arguments)
    {
        if (arguments is not [("nfs" or "growth" or "degraded") and var command, ..])
            throw new FormatException("the command is nfs, growth or degraded");

        var options = new BenchOptions { Command = command };
        if (command == "growth")
            options = options with { Size = new LoadSize(0, 1_000_000, 64) };
        for (var i = 1; i < arguments.Length; i++)
        {
            if (arguments[i] == "--check")
            {
                options = options with { Check = true };
                continue;
            }

            if (i + 1 == arguments.Length)
                throw new FormatException($"{arguments[i]} needs a value");
            options = options.With(arguments[i], arguments[++i]);
        }

        if (command == "degraded" && (options.Pid == 0 || options.Status is null))
            throw new FormatException("--pid and --status are required");
        return options.Targets.Count > 0 ? options : throw new FormatException("--target is required");
    }

    private BenchOptions With(string name, string value) => name switch
    {
        "--target" => this with { Targets = [.. Targets, Target.Parse(value)] },
        "--pid" => this with { Pid = Number(name, value) },
        "--status" => this with { Status = new Uri(value) },
        "--rounds" => this with { Rounds = Number(name, value) },
        "--warm-up" => this with { WarmUpRounds = Number(name, value) },
        "--megabytes" => this with { Size = Size with { Mebibytes = Number(name, value) } },
        "--files" => this with { Size = Size with { Files = Number(name, value) } },
        "--depth" => this with { Size = Size with { Depth = Number(name, value) } },
        _ => throw new FormatException($"{name} is no option"),
    };

    private static int Number(string name, string value) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new FormatException($"{name} takes a number, not '{value}'");
}
