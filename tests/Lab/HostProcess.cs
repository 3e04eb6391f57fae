using System.Diagnostics;

namespace Gateway.Lab;

/// <summary>A long running program of the host: its output by lines, its end by signal.</summary>
internal sealed class HostProcess : IDisposable
{
    private const int LinesMax = 20_000;

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();

    public HostProcess(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string>? environment = null,
        string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? LabRun.Repository,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>The end of what it printed, for the message of a failing test.</summary>
    public string Tail => string.Join('\n', Lines.TakeLast(30));

    /// <summary>Resident memory in bytes, from /proc; 0 when it is gone.</summary>
    public long ResidentBytes => ResidentMemory.OfProcess(Pid);

    public async Task<string> LineAsync(string beginning, TimeSpan within)
    {
        var found = await Poll.UntilAsync(
            () => Lines.FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal))
                ?? (HasExited ? "" : null),
            within);
        return string.IsNullOrEmpty(found)
            ? throw new InvalidOperationException($"No line '{beginning}' within {within.TotalSeconds} s:\n{Tail}")
            : found;
    }

    public void Signal(int signal) => Signals.Send(Pid, signal);

    /// <summary>Waits for its end and gives the exit code, or null when it still runs.</summary>
    public async Task<int?> EndAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>SIGKILL, and waits until the kernel has taken it away.</summary>
    public async Task KillAsync()
    {
        Signal(Signals.Kill);
        await EndAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>The same for all it has started, which may share its devices.</summary>
    public async Task KillTreeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await EndAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal(Signals.Kill);
            _process.WaitForExit(TimeSpan.FromSeconds(30));
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;

        lock (_lock)
        {
            if (_lines.Count < LinesMax)
                _lines.Add(line);
        }
    }
}
