using System.Diagnostics;

namespace Gateway.Lab;

/// <summary>A short command on the host.</summary>
internal static class HostCommand
{
    private const int SecondsMax = 120;

    public static string Run(string program, params ReadOnlySpan<string> arguments)
    {
        var (code, output) = Try(program, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {code}: {output}");
    }

    public static (int Code, string Output) Try(string program, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromSeconds(SecondsMax)))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"no end in {SecondsMax} s");
        }

        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
