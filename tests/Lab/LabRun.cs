using System.Globalization;

namespace Gateway.Lab;

/// <summary>What this run of the lab makes on the machine carries its name, so that it can be cleaned up.</summary>
/// <remarks><c>./test</c> sets <c>LAB_RUN</c> and removes namespaces and directories of that name at the end.</remarks>
internal static class LabRun
{
    private static int _last;

    public static string Name { get; } = Environment.GetEnvironmentVariable("LAB_RUN")
        ?? Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The directory that holds <c>Gateway.sln</c>.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The program under test; <c>NASGATE_COMMAND</c> puts another in its place.</summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("NASGATE_COMMAND") ?? Path.Combine(Repository, "nasgate");

    public static int NextNumber() => Interlocked.Increment(ref _last);

    private static string FindRepository()
    {
        for (var directory = AppContext.BaseDirectory;
            directory is not null;
            directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Gateway.sln")))
                return directory;
        }

        throw new InvalidOperationException("Gateway.sln is not above the tests.");
    }
}
