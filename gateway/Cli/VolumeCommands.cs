using System.CommandLine;
using System.Globalization;
using Gateway.Admin;
using Gateway.Hosting;
using Gateway.Replication.Links;

namespace Gateway.Cli;

/// <summary>The commands under <c>volume</c>.</summary>
internal sealed class VolumeCommands(CommonSettings common, Func<string, string?> environment)
{
    private readonly Argument<string> _volume = new("NAME") { Description = "the volume's name" };
    private readonly Option<string> _to = new("--to") { Description = "the gateway's name", HelpName = "GATEWAY", Required = true };

    public Command Volume() => new("volume", "Make volumes, and move them between gateways") { Create(), Move() };

    private Command Create()
    {
        var command = Command("create", "Make a volume; it is exported and shared by its name");
        command.SetAction((parse, stop) => AskAsync(parse, VolumeAction.Create, "", stop));
        return command;
    }

    private Command Move()
    {
        var command = Command("move", "Let another gateway serve a volume, without a client noticing");
        command.Options.Add(_to);
        command.SetAction(async (parse, stop) =>
        {
            var time = TimeProvider.System;
            var began = time.GetTimestamp();
            var code = await AskAsync(parse, VolumeAction.Move, parse.GetRequiredValue(_to), stop);
            var (gateway, volume) = (parse.GetRequiredValue(_to), parse.GetRequiredValue(_volume));
            var seconds = time.GetElapsedTime(began).TotalSeconds;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{gateway} serves {volume} after {seconds:0.00} s"));
            return code;
        });
        return command;
    }

    private Command Command(string verb, string description)
    {
        var command = new Command(verb, description);
        command.Arguments.Add(_volume);
        foreach (var option in (Option[])[common.Data.Option, common.SecretFile.Option, common.HttpPort.Option, common.Config])
            command.Options.Add(option);
        return command;
    }

    private async Task<int> AskAsync(ParseResult parse, VolumeAction action, string gateway, CancellationToken stop)
    {
        var sources = SettingSources.Open(parse.GetValue(common.Config), environment);
        var data = Path.GetFullPath(common.Data.Read(parse, sources));
        var secret = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(common.FindSecretFile(parse, sources, data)));
        var request = new VolumeRequest { Action = action, Volume = parse.GetRequiredValue(_volume), Gateway = gateway };
        var answer = await AdminClient.ChangeVolumesAsync(common.HttpPort.Read(parse, sources), secret, request, stop);
        return answer.Problem is null ? CommandLine.ExitSuccess : throw new StartException(answer.Problem);
    }
}
