using System.Globalization;
using System.Net;
using Gateway.NfsClient;

namespace Gateway.Lab;

/// <summary>
/// A network namespace with a bridge: the host, where the product runs, is 10.77.0.1; guests are 10.77.0.2 and on.
/// </summary>
internal sealed class LabNetwork : IDisposable
{
    public const string HostAddress = "10.77.0.1";

    // Another server, to try the lab itself out, may have MOUNT elsewhere.
    private static readonly int? MountPort =
        int.TryParse(Environment.GetEnvironmentVariable("LAB_MOUNT_PORT"), CultureInfo.InvariantCulture, out var port)
            ? port
            : null;

    private readonly string _name;
    private int _guests;

    public LabNetwork()
    {
        _name = string.Create(CultureInfo.InvariantCulture, $"ngl-{LabRun.Name}-{LabRun.NextNumber()}");
        HostCommand.Run("ip", "netns", "add", _name);
        Inside("ip", "link", "set", "lo", "up");
        Inside("ip", "link", "add", "br0", "type", "bridge");
        Inside("ip", "addr", "add", HostAddress + "/24", "dev", "br0");
        Inside("ip", "link", "set", "br0", "up");
    }

    /// <summary>Command and leading arguments that run a program inside.</summary>
    public IReadOnlyList<string> Prefix => ["ip", "netns", "exec", _name];

    public static string AddressOf(int guest) => string.Create(CultureInfo.InvariantCulture, $"10.77.0.{guest + 1}");

    /// <summary>A tap for one more guest; the first guest is number 1.</summary>
    public (int Guest, string Tap) AddGuest()
    {
        var guest = ++_guests;
        var tap = string.Create(CultureInfo.InvariantCulture, $"tap{guest}");
        Inside("ip", "tuntap", "add", tap, "mode", "tap");
        Inside("ip", "link", "set", tap, "master", "br0", "up");
        return (guest, tap);
    }

    /// <summary>
    /// One more address of the host itself. When it is taken away again, whoever is connected to it is neither acknowledged
    /// nor told so, as by a machine that has lost its power.
    /// </summary>
    public void AddAddress(string address) => Inside("ip", "addr", "add", address + "/32", "dev", "lo");

    public void TakeAddressAway(string address) => Inside("ip", "addr", "del", address + "/32", "dev", "lo");

    /// <summary>Resets the connections to a port of the host at once, at both ends.</summary>
    public void BreakConnections(int port) => Inside("ss", "--kill", "--tcp", "state", "established", "dport", "=", $":{port}");

    /// <summary>Runs something that opens sockets, which then belong to this network.</summary>
    public T Enter<T>(Func<T> open) => NetworkNamespace.Enter("/var/run/netns/" + _name, open);

    /// <summary>A mounted share of the product under test, seen from the host.</summary>
    public NfsShare Mount(uint firstXid, int port = Nasgate.NfsPort, TimeSpan? replyMax = null, string path = "/files") =>
        Enter(() => NfsShare.Mount(
            new IPEndPoint(IPAddress.Parse(HostAddress), port),
            MountPort ?? port,
            path,
            firstXid,
            replyMax: replyMax));

    public void Dispose()
    {
        var (code, pids) = HostCommand.Try("ip", "netns", "pids", _name);
        if (code == 0)
        {
            foreach (var pid in pids.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Signals.Send(int.Parse(pid, CultureInfo.InvariantCulture), Signals.Kill);
        }

        HostCommand.Run("ip", "netns", "del", _name);
    }

    private void Inside(params ReadOnlySpan<string> command) =>
        HostCommand.Run("ip", ["netns", "exec", _name, .. command]);
}
