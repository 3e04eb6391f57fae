using System.CommandLine;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>The command line: commands, exit codes, and one clear line for every mistake.</summary>
internal static class CommandLine
{
    public const int ExitSuccess = 0;

    /// <summary>The command ran and the answer is bad: differences found, gateway not reachable, start failed.</summary>
    public const int ExitFailure = 1;

    /// <summary>An option or value was wrong; nothing was started.</summary>
    public const int ExitUsage = 2;

    public static async Task<int> RunAsync(string[] arguments, Func<string, string?> environment)
    {
        var parse = Root(environment).Parse(arguments);
        if (parse.Errors.Count > 0) return await ComplainAsync(parse.Errors[0].Message, ExitUsage);

        try
        {
            // Exceptions come to us, so that a mistake is one line and not a stack trace. On SIGTERM and Ctrl-C
            // the action's token is cancelled; ending takes at most five seconds, the rest is margin.
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(8),
            };
            return await parse.InvokeAsync(invocation);
        }
        catch (SettingException error)
        {
            return await ComplainAsync(error.Message, ExitUsage);
        }
        catch (StartException error)
        {
            return await ComplainAsync(error.Message, ExitFailure);
        }
    }

    /// <summary>All commands with their options.</summary>
    public static RootCommand Root(Func<string, string?> environment)
    {
        var common = new CommonSettings();
        var serving = new ServingCommands(common, environment);
        var asking = new AskingCommands(common, environment);
        var users = new UserCommands(common, environment);
        var cluster = new ClusterCommands(common, environment);
        return new RootCommand("Nasgate: a shared drive that survives a dead machine")
        {
            serving.Up(), new NodeCommands(common, environment).Under(new NodeCommand(common, environment).Node()), serving.Serve(),
            asking.Status(), asking.Verify(), users.User(), cluster.Cluster(),
            new VolumeCommands(common, environment).Volume(), new DrillCommands(common, environment).Drill(),
        };
    }

    private static async Task<int> ComplainAsync(string message, int exitCode)
    {
        await Console.Error.WriteLineAsync($"nasgate: {message.ReplaceLineEndings(" ").Trim()}");
        return exitCode;
    }
}
