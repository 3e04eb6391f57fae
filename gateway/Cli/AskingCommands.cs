using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Admin;
using Spectre.Console;

namespace Gateway.Cli;

/// <summary>The commands that ask a running gateway: <c>status</c> and <c>verify</c>.</summary>
internal sealed class AskingCommands(CommonSettings common, Func<string, string?> environment)
{
    private readonly Option<bool> _json = new("--json") { Description = "print JSON" };
    private readonly Argument<string?> _path = new("PATH")
    {
        Description = "file or directory on the share, /files/…; everything when absent",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Command Status()
    {
        var command = AskingCommand("status", "Show nodes, epoch, committed index per node, owed slices, clients and rates");
        command.SetAction(async (parse, stop) =>
        {
            var report = await AdminClient.GetStatusAsync(ReadPort(parse), stop);
            Print(parse, report, StatusJson.Default.StatusReport, StatusTables.Write);
            return CommandLine.ExitSuccess;
        });
        return command;
    }

    public Command Verify()
    {
        var command = AskingCommand("verify", "Read every replica of every slice and journal entry and compare");
        command.Arguments.Add(_path);
        command.SetAction(async (parse, stop) =>
        {
            var path = parse.GetValue(_path);
            var report = await AdminClient.VerifyAsync(ReadPort(parse), path, stop);
            Print(parse, report, VerifyJson.Default.VerifyReport, StatusTables.Write);
            return report.Clean ? CommandLine.ExitSuccess : CommandLine.ExitFailure;
        });
        return command;
    }

    private Command AskingCommand(string name, string description)
    {
        var command = new Command(name, description);
        command.Options.Add(_json);
        command.Options.Add(common.HttpPort.Option);
        command.Options.Add(common.Config);
        return command;
    }

    private int ReadPort(ParseResult parse) =>
        common.HttpPort.Read(parse, SettingSources.Open(parse.GetValue(common.Config), environment));

    private void Print<T>(ParseResult parse, T report, JsonTypeInfo<T> type, Action<IAnsiConsole, T> write)
    {
        if (parse.GetValue(_json))
            Console.Out.WriteLine(JsonSerializer.Serialize(report, type));
        else
            write(Terminal.Open(Console.IsOutputRedirected, Console.Out), report);
    }
}
