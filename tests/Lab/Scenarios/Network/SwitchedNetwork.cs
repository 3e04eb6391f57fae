using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Lab.Scenarios.Network;

/// <summary>
/// Hosts with a network namespace each, on a switch that this process is: it loses, delays and cuts off the frames
/// from any host to any other, one way too.
/// </summary>
/// <remarks>
/// tc's netem would do the same where a kernel has it; not every one does, and it cannot tell links apart that share
/// a device. Host 1 is 10.79.0.1 with the hardware address 02:00:00:00:00:01; number 0 is nobody.
/// </remarks>
internal sealed class SwitchedNetwork : IDisposable
{
    private const string Device = "eth0";
    private const int FrameBytesMax = 9_100;
    private const int PayloadBytesMax = 9_000;
    private const int AddressBytes = 6;

    private static readonly TimeSpan LookUpEvery = TimeSpan.FromMilliseconds(100);

    private readonly int _hosts;
    private readonly string _name;
    private readonly TapDevice[] _taps;
    private readonly List<Thread> _threads = [];
    private readonly LateFrames _late = new();
    private readonly LinkState[,] _links;
    private readonly long[,] _freeAt;
    private volatile bool _stops;

    public SwitchedNetwork(int hosts)
    {
        _hosts = hosts;
        _name = string.Create(CultureInfo.InvariantCulture, $"ngl-{LabRun.Name}-{LabRun.NextNumber()}");
        _taps = new TapDevice[hosts + 1];
        _links = new LinkState[hosts + 1, hosts + 1];
        _freeAt = new long[hosts + 1, hosts + 1];
        Heal();
        for (var host = 1; host <= hosts; host++) Plug(host);
        for (var host = 1; host <= hosts; host++)
        {
            var from = host;
            var thread = new Thread(() => Forward(from)) { IsBackground = true, Name = $"switch port {host}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>The link from one host to another, that way only.</summary>
    public LinkState this[int from, int to]
    {
        get => Volatile.Read(ref _links[from, to]);
        set => Volatile.Write(ref _links[from, to], value);
    }

    public static string AddressOf(int host) => string.Create(CultureInfo.InvariantCulture, $"10.79.0.{host}");

    /// <summary>Command and leading arguments that run a program on a host.</summary>
    public IReadOnlyList<string> PrefixOf(int host) => ["ip", "netns", "exec", NamespaceOf(host)];

    /// <summary>Runs something that opens sockets, which then belong to the host.</summary>
    public T Enter<T>(int host, Func<T> open) => NetworkNamespace.Enter("/var/run/netns/" + NamespaceOf(host), open);

    /// <summary>A TCP connection from a host.</summary>
    /// <exception cref="SocketException">Nobody answers there within that time.</exception>
    public Socket Connect(int host, IPEndPoint server, TimeSpan within)
    {
        var socket = Enter(host, () => new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using var limit = new CancellationTokenSource(within);
        try
        {
            socket.ConnectAsync(server, limit.Token).AsTask().GetAwaiter().GetResult();
            return socket;
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>All links as they should be.</summary>
    public void Heal()
    {
        for (var from = 0; from <= _hosts; from++)
        {
            for (var to = 0; to <= _hosts; to++) this[from, to] = LinkState.Healthy;
        }
    }

    public void Dispose()
    {
        _stops = true;
        foreach (var thread in _threads) thread.Join();
        _late.Dispose();
        foreach (var tap in _taps) tap?.Dispose();
        for (var host = 1; host <= _hosts; host++)
        {
            var (code, pids) = HostCommand.Try("ip", "netns", "pids", NamespaceOf(host));
            foreach (var pid in code == 0 ? pids.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [])
                Signals.Send(int.Parse(pid, CultureInfo.InvariantCulture), Signals.Kill);
            HostCommand.Run("ip", "netns", "del", NamespaceOf(host));
        }
    }

    private string NamespaceOf(int host) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{host}");

    private void Plug(int host)
    {
        var inside = NamespaceOf(host);
        HostCommand.Run("ip", "netns", "add", inside);
        _taps[host] = Enter(host, () => new TapDevice(Device));
        HostCommand.Run("ip", "-n", inside, "link", "set", "lo", "up");
        HostCommand.Run("ip", "-n", inside, "link", "set", Device, "addrgenmode", "none", "mtu", $"{PayloadBytesMax}");
        HostCommand.Run("ip", "-n", inside, "link", "set", Device, "address", $"02:00:00:00:00:{host:x2}");
        HostCommand.Run("ip", "-n", inside, "addr", "add", $"{AddressOf(host)}/24", "dev", Device);
        HostCommand.Run("ip", "-n", inside, "link", "set", Device, "up");
    }

    private void Forward(int from)
    {
        var frame = new byte[FrameBytesMax];
        var random = new Random(from);
        while (!_stops)
        {
            var length = _taps[from].Read(frame, LookUpEvery);
            if (length < AddressBytes) continue;

            var toAll = (frame[0] & 1) != 0;
            var to = frame[AddressBytes - 1];
            for (var host = 1; host <= _hosts; host++)
            {
                if (host != from && (toAll || host == to)) Carry(frame.AsSpan(0, length), from, host, random);
            }
        }
    }

    private void Carry(ReadOnlySpan<byte> frame, int from, int to, Random random)
    {
        var link = this[from, to];
        if (link.Loss > 0 && random.NextDouble() < link.Loss) return;
        if (link.Delay == default && link.BytesPerSecond == 0)
        {
            _taps[to].Write(frame);
            return;
        }

        // Only the thread of this port writes this row.
        var now = Stopwatch.GetTimestamp();
        var sent = Math.Max(now, _freeAt[from, to]);
        if (link.BytesPerSecond > 0) sent += frame.Length * Stopwatch.Frequency / link.BytesPerSecond;
        _freeAt[from, to] = sent;
        _late.Add(frame, _taps[to], sent + (long)(link.Delay.TotalSeconds * Stopwatch.Frequency));
    }
}
