using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Lab;

/// <summary>
/// Hosts on one Ethernet segment, each a network namespace with the device eth0: number 1 is 10.78.0.1 and fd00:78::1.
/// </summary>
internal sealed class LabSegment : IDisposable
{
    public const string Device = "eth0";

    private readonly List<string> _namespaces = [];

    public LabSegment(int hosts)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"ngl-{LabRun.Name}-{LabRun.NextNumber()}");
        Switch = Add(name);
        HostCommand.Run("ip", "-n", Switch, "link", "add", "br0", "type", "bridge");
        HostCommand.Run("ip", "-n", Switch, "link", "set", "br0", "up");
        for (var host = 1; host <= hosts; host++)
        {
            var inside = Add(string.Create(CultureInfo.InvariantCulture, $"{name}-{host}"));
            HostCommand.Run("ip", "-n", Switch, "link", "add", Port(host), "type", "veth", "peer", "name", Device, "netns", inside);
            HostCommand.Run("ip", "-n", Switch, "link", "set", Port(host), "master", "br0", "up");
            HostCommand.Run("ip", "-n", inside, "addr", "add", $"10.78.0.{host}/24", "dev", Device);
            HostCommand.Run("ip", "-n", inside, "addr", "add", $"fd00:78::{host}/64", "dev", Device, "nodad");
            HostCommand.Run("ip", "-n", inside, "link", "set", Device, "up");
        }
    }

    private string Switch { get; }

    /// <summary>Command and leading arguments that run a program on a host.</summary>
    public IReadOnlyList<string> PrefixOf(int host) => ["ip", "netns", "exec", _namespaces[host]];

    /// <summary>Pulls the plug of a host.</summary>
    public void CutOff(int host) => HostCommand.Run("ip", "-n", Switch, "link", "set", Port(host), "down");

    /// <summary>Whether a host has an address.</summary>
    public bool Has(int host, string address) =>
        HostCommand.Run("ip", "-n", _namespaces[host], "-o", "addr", "show", "dev", Device)
            .Contains($" {address}/", StringComparison.Ordinal);

    /// <summary>The hardware address of a host.</summary>
    public string HardwareOf(int host) =>
        HostCommand.Run("ip", "netns", "exec", _namespaces[host], "cat", $"/sys/class/net/{Device}/address").Trim();

    /// <summary>The hardware address at which a host believes an address to be; empty when it knows none.</summary>
    public string NeighbourOf(int host, string address)
    {
        var words = HostCommand.Run("ip", "-n", _namespaces[host], "neigh", "show", address).Split(' ');
        var at = Array.IndexOf(words, "lladdr");
        return at < 0 ? "" : words[at + 1];
    }

    /// <summary>A TCP connection from a host.</summary>
    public Socket Connect(int host, string address, int port) =>
        NetworkNamespace.Enter("/var/run/netns/" + _namespaces[host], () =>
        {
            var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(endPoint);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        });

    public void Dispose()
    {
        foreach (var name in _namespaces)
        {
            var (code, pids) = HostCommand.Try("ip", "netns", "pids", name);
            foreach (var pid in code == 0 ? pids.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [])
                Signals.Send(int.Parse(pid, CultureInfo.InvariantCulture), Signals.Kill);
            HostCommand.Run("ip", "netns", "del", name);
        }
    }

    private static string Port(int host) => string.Create(CultureInfo.InvariantCulture, $"port{host}");

    private string Add(string name)
    {
        HostCommand.Run("ip", "netns", "add", name);
        _namespaces.Add(name);
        HostCommand.Run("ip", "-n", name, "link", "set", "lo", "up");
        return name;
    }
}
