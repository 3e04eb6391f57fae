namespace Gateway.Lab.Scenarios;

/// <summary>A process of the product, or etcd, on a host of its own; it is killed, hung and started again.</summary>
internal sealed class ScenarioProcess(string name, int host, Func<HostProcess> start) : IDisposable
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(30);

    private readonly List<string> _ends = [];
    private HostProcess? _process;
    private bool _isToldToEnd;

    public string Name => name;

    public int Host => host;

    public WallClock? Clock { get; init; }

    /// <summary>Ends that nobody asked for.</summary>
    public IReadOnlyList<string> Ends => _ends;

    /// <summary>The end of what it printed since its last start.</summary>
    public string Tail => $"{name}:\n{_process?.Tail}";

    /// <summary>Starts it unless it runs.</summary>
    public void Start()
    {
        if (_process is { HasExited: false }) return;
        if (_process is not null && !_isToldToEnd) _ends.Add($"{name} ended by itself with {_process.ExitCode}:\n{_process.Tail}");
        _process?.Dispose();
        _isToldToEnd = false;
        _process = start();
    }

    public Task LineAsync(string beginning, TimeSpan within) => _process!.LineAsync(beginning, within);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync()
    {
        _isToldToEnd = true;
        return _process!.KillAsync();
    }

    /// <summary>SIGTERM, and the end in good order that follows.</summary>
    public async Task TerminateAsync()
    {
        _process!.Signal(Signals.Terminate);
        var code = await _process.EndAsync(EndMax);
        if (code != 0) throw new InvalidOperationException($"{name} was told to end, and did with {code}:\n{_process.Tail}");
        _isToldToEnd = true;
    }

    /// <summary>SIGSTOP.</summary>
    public void Hang()
    {
        if (_process is { HasExited: false }) _process.Signal(Signals.Stop);
    }

    /// <summary>SIGCONT.</summary>
    public void GoOn()
    {
        if (_process is { HasExited: false }) _process.Signal(Signals.Continue);
    }

    public void Dispose() => _process?.Dispose();
}
