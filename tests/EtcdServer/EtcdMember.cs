using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.EtcdServer;

/// <summary>One etcd process.</summary>
public sealed partial class EtcdMember : IDisposable
{
    private const int SigContinue = 18;
    private const int SigStop = 19;

    private readonly EtcdMemberSettings _settings;
    private Process? _process;

    internal EtcdMember(EtcdMemberSettings settings) => _settings = settings;

    public Uri ClientAddress => _settings.ClientAddress;

    public string Name => _settings.Name;

    internal EtcdMemberSettings Settings => _settings;

    /// <summary>What it wrote, for when it does not start.</summary>
    public string Log => File.Exists(_settings.LogFile) ? File.ReadAllText(_settings.LogFile) : "";

    public bool HasExited => _process is null or { HasExited: true };

    public void Start()
    {
        var start = new ProcessStartInfo(EtcdPrograms.Server) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in _settings.Arguments) start.ArgumentList.Add(argument);

        // Its own settings come from the environment as well; nothing of the tests' may reach it.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ETCD", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        _process = Process.Start(start)!;

        // Everything of interest is in its log.
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>Whether it says that it is well: it knows a leader.</summary>
    public async Task<bool> IsHealthyAsync(HttpClient http)
    {
        try
        {
            return (await http.GetStringAsync(new Uri(_settings.HealthAddress, "/health"))).Contains("true", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Power cut.</summary>
    public void Kill()
    {
        if (_process is null) return;

        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>It hangs: its sockets stay open, and nothing is answered.</summary>
    public void Pause() => Signal(SigStop);

    public void Resume() => Signal(SigContinue);

    public void Dispose() => Kill();

    private void Signal(int signal)
    {
        if (SendSignal(_process!.Id, signal) != 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"signal {signal} failed"));
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
