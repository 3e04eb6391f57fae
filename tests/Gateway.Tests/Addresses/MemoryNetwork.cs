using System.Net;
using Gateway.Addresses;

namespace Gateway.Tests.Addresses;

/// <summary>A host's network that only remembers, and forgets addresses whose time is over.</summary>
internal sealed class MemoryNetwork(TimeProvider time) : IHostNetwork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ServiceAddress, (long Since, TimeSpan Lifetime)> _addresses = [];
    private readonly List<ClientConnection> _tickled = [];
    private ClientConnection[] _connections = [];
    private int _puts;
    private int _announcements;

    /// <summary>What the kernel says instead of doing anything.</summary>
    public string? Refusal { get; set; }

    public int Puts => Volatile.Read(ref _puts);

    public int Announcements => Volatile.Read(ref _announcements);

    public ClientConnection[] Connections
    {
        set => Volatile.Write(ref _connections, value);
    }

    public IReadOnlyList<ClientConnection> Tickled
    {
        get
        {
            lock (_gate) return [.. _tickled];
        }
    }

    public bool Has(ServiceAddress address)
    {
        lock (_gate) return _addresses.TryGetValue(address, out var put) && time.GetElapsedTime(put.Since) < put.Lifetime;
    }

    /// <summary>The kernel removes an address by itself.</summary>
    public void Lose(ServiceAddress address)
    {
        lock (_gate) _addresses.Remove(address);
    }

    public void Put(ServiceAddress address, TimeSpan lifetime)
    {
        if (Refusal is not null) throw new IOException(Refusal);
        lock (_gate) _addresses[address] = (time.GetTimestamp(), lifetime);
        Interlocked.Increment(ref _puts);
    }

    public void Remove(ServiceAddress address) => Lose(address);

    public void Announce(ServiceAddress address)
    {
        if (Has(address)) Interlocked.Increment(ref _announcements);
    }

    public void Tickle(IReadOnlyCollection<ClientConnection> connections)
    {
        lock (_gate) _tickled.AddRange(connections);
    }

    public IReadOnlyList<ClientConnection> ConnectionsTo(IPAddress address) =>
        [.. Volatile.Read(ref _connections).Where(connection => connection.Service.Address.Equals(address))];
}
