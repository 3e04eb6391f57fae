using System.CommandLine;
using System.Globalization;
using Gateway.Admin;

namespace Gateway.Cli;

/// <summary>The commands under <c>volume</c>.</summary>
internal sealed class VolumeCommands(CommonSettings common, Func<string, string?> environment)
{
    private readonly VolumeQuestions _questions = new(common, environment);
    private readonly Argument<string> _volume = new("NAME") { Description = "the volume's name" };
    private readonly Option<string> _to = new("--to") { Description = "the gateway's name", HelpName = "GATEWAY", Required = true };

    public Command Volume() => new("volume", "Make volumes, and move them between gateways") { Create(), Move() };

    private Command Create()
    {
        var command = Command("create", "Make a volume; it is exported and shared by its name");
        command.SetAction(async (parse, stop) =>
        {
            var request = new VolumeRequest { Action = VolumeAction.Create, Volume = parse.GetRequiredValue(_volume) };
            await _questions.AskAsync(parse, request, stop);
        });
        return command;
    }

    private Command Move()
    {
        var command = Command("move", "Let another gateway serve a volume, without a client noticing");
        command.Options.Add(_to);
        command.SetAction(async (parse, stop) =>
        {
            var (gateway, volume) = (parse.GetRequiredValue(_to), parse.GetRequiredValue(_volume));
            var time = TimeProvider.System;
            var began = time.GetTimestamp();
            await _questions.AskAsync(
                parse, new VolumeRequest { Action = VolumeAction.Move, Volume = volume, Gateway = gateway }, stop);
            var seconds = time.GetElapsedTime(began).TotalSeconds;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{gateway} serves {volume} after {seconds:0.00} s"));
        });
        return command;
    }

    private Command Command(string verb, string description)
    {
        var command = new Command(verb, description);
        command.Arguments.Add(_volume);
        foreach (var option in common.PlaceOptions) command.Options.Add(option);
        return command;
    }
}
