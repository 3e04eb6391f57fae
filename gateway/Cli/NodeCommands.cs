using System.CommandLine;
using Gateway.Admin;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>The commands under <c>node</c> that change the members of a volume while it is served.</summary>
internal sealed class NodeCommands(CommonSettings common, Func<string, string?> environment)
{
    private const long MebibytesMax = 1 << 20;

    private readonly NodeQuestions _questions = new(common, environment);
    private readonly Option<string> _volume = new("--volume")
    {
        Description = "the volume",
        DefaultValueFactory = _ => GatewayProcess.VolumeName,
    };

    private readonly Option<bool> _witness = new("--witness") { Description = "the node votes and takes no content" };
    private readonly Option<long?> _rate = new("--rate") { Description = "MiB per second that may be copied", HelpName = "MIB" };
    private readonly Option<bool> _wait = new("--wait") { Description = "wait until it is done" };
    private readonly Argument<string> _joins = new("NODE") { Description = "its name, or name=address:port; a host name will do" };
    private readonly Argument<string> _leaves = new("OLD") { Description = "the name of the node that leaves" };

    /// <summary>Adds them to the command that starts a node.</summary>
    public Command Under(Command node)
    {
        node.Subcommands.Add(Command("add", "Make a node a member of a volume", [_joins], [_witness]));
        node.Subcommands.Add(Command("replace", "Replace a member of a volume by another node", [_leaves, _joins], [_witness]));
        node.Subcommands.Add(Command("remove", "Remove a member of a volume", [_leaves], []));
        node.Subcommands.Add(Command("cancel", "Give up the change of members that is under way", [], []));
        return node;
    }

    private Command Command(string verb, string description, Argument<string>[] arguments, Option[] options)
    {
        var command = new Command(verb, description);
        foreach (var argument in arguments) command.Arguments.Add(argument);
        foreach (var option in (Option[])[.. options, _volume, _rate, _wait, .. common.PlaceOptions]) command.Options.Add(option);

        command.SetAction((parse, stop) =>
        {
            var (name, address) = arguments.Contains(_joins) ? NameAndAddress(parse.GetRequiredValue(_joins)) : ("", null);
            var rate = parse.GetValue(_rate);
            if (rate is < 1 or > MebibytesMax) throw new SettingException($"--rate takes 1 to {MebibytesMax} MiB per second");
            var request = new NodeChangeRequest
            {
                Volume = parse.GetRequiredValue(_volume),
                Joins = name,
                Address = address,
                Witness = options.Contains(_witness) && parse.GetValue(_witness),
                Leaves = arguments.Contains(_leaves) ? parse.GetRequiredValue(_leaves) : "",
                Cancels = arguments.Length == 0,
                BytesPerSecond = rate * 1024 * 1024,
            };
            return _questions.AskAsync(parse, request, parse.GetValue(_wait), stop);
        });
        return command;
    }

    private static (string Name, string? Address) NameAndAddress(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        if (!SettingParsers.NodeId(name, out _)) throw new SettingException($"'{name}' is no name of a node");
        if (equals < 0) return (name, null);
        return SettingParsers.HostPort(text[(equals + 1)..], out var address)
            ? (name, $"{address}")
            : throw new SettingException($"'{text[(equals + 1)..]}' is no address:port or name:port");
    }
}
