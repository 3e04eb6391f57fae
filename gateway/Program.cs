using Gateway.Cli;

namespace Gateway;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        CommandLine.RunAsync(arguments, Environment.GetEnvironmentVariable);
}
