using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gateway.Addresses;

/// <summary>A run of an operator's program: no shell, no arguments, no input, an environment of its own, ten seconds.</summary>
internal static class HookProgram
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>More of what it prints is thrown away.</summary>
    public const int OutputLettersMax = 4096;

    private const string ProgramPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <param name="program">Absolute path.</param>
    /// <param name="environment">All it gets, beside PATH: ours may have secrets in it.</param>
    /// <param name="time">For the ten seconds.</param>
    /// <param name="cancellation">Ends it, with what it has started.</param>
    /// <returns>What it printed, and what went wrong; empty when nothing did.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static async Task<(string Output, string Trouble)> RunAsync(
        string program, IReadOnlyDictionary<string, string?> environment, TimeProvider time, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = ProgramPath;
        foreach (var (name, value) in environment) start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            return ("", $"it cannot be started: {error.Message}");
        }

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var output = new StringBuilder();
        try
        {
            process.StandardInput.Close();
            await Task.WhenAll(
                ReadAsync(process.StandardOutput, output, ended.Token), ReadAsync(process.StandardError, output, ended.Token));
            await process.WaitForExitAsync(ended.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return (Text(output), $"it did not end within {Timeout.TotalSeconds:0} s");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (Text(output), process.ExitCode == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"it ended with {process.ExitCode}"));
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder output, CancellationToken cancellation)
    {
        var buffer = new char[1024];
        while (await reader.ReadAsync(buffer, cancellation) is > 0 and var length)
        {
            lock (output) output.Append(buffer, 0, Math.Min(length, OutputLettersMax - output.Length));
        }
    }

    // One line of the log: what it prints cannot pass for lines of ours.
    private static string Text(StringBuilder output)
    {
        lock (output) return string.Concat(output.ToString().Trim().Select(letter => char.IsControl(letter) ? ' ' : letter));
    }
}
