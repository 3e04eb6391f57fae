using System.CommandLine;
using System.Net;
using Gateway.Admin;
using Gateway.Drills;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>The commands under <c>drill</c>: what a failure costs, tried on the running cluster.</summary>
internal sealed class DrillCommands(CommonSettings common, Func<string, string?> environment)
{
    private readonly VolumeQuestions _questions = new(common, environment);

    private readonly Option<string> _volume = new("--volume")
    {
        Description = "the volume",
        DefaultValueFactory = _ => GatewayProcess.VolumeName,
    };

    private readonly Option<string> _servers = new("--server")
    {
        Description = "where clients find the volume over NFS, before and after",
        HelpName = "ADDRESS:PORT,…",
        Required = true,
    };

    private readonly Option<string?> _to = new("--to")
    {
        Description = "move the volume to this gateway in good order; without it, the gateway of this machine leaves it as by a crash",
        HelpName = "GATEWAY",
    };

    public Command Drill()
    {
        var command = new Command("failover", "Let a volume change its gateway, and measure how long clients wait");
        foreach (var option in (Option[])[_volume, _servers, _to, .. common.PlaceOptions]) command.Options.Add(option);

        command.SetAction(FailoverAsync);
        return new Command("drill", "Try a failure on the running cluster") { command };
    }

    private async Task<int> FailoverAsync(ParseResult parse, CancellationToken stop)
    {
        var servers = ReadServers(parse.GetRequiredValue(_servers));
        var volume = parse.GetRequiredValue(_volume);
        try
        {
            var result = await FailoverDrill.RunAsync(
                servers, volume, () => ChangeOwnerAsync(parse, volume, stop), TimeProvider.System, stop);
            Console.Out.WriteLine(result);
            return result.ContentIsRight ? CommandLine.ExitSuccess : CommandLine.ExitFailure;
        }
        catch (IOException error)
        {
            throw new StartException(error.Message, error);
        }
    }

    private static List<IPEndPoint> ReadServers(string text)
    {
        var servers = new List<IPEndPoint>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!IPEndPoint.TryParse(part, out var server)) throw new SettingException($"--server: '{part}' is no address:port");
            servers.Add(server.Port == 0 ? new IPEndPoint(server.Address, 2049) : server);
        }

        return servers;
    }

    private Task ChangeOwnerAsync(ParseResult parse, string volume, CancellationToken stop)
    {
        var to = parse.GetValue(_to);
        var request = new VolumeRequest
        {
            Action = to is null ? VolumeAction.Abandon : VolumeAction.Move,
            Volume = volume,
            Gateway = to ?? "",
        };
        return _questions.AskAsync(parse, request, stop);
    }
}
