using System.Collections.Concurrent;
using System.Net;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Smb.Connections;

/// <summary>Serves SMB on the connections Kestrel accepts.</summary>
/// <remarks>Threading: any number of connections at once, within <see cref="SmbLimits"/>.</remarks>
internal sealed class SmbConnectionHandler : ConnectionHandler, IDisposable
{
    private static readonly TimeSpan StallCheckInterval = TimeSpan.FromSeconds(2);

    private readonly SmbServer _server;
    private readonly ConcurrentDictionary<long, SmbConnection> _connections = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private readonly ITimer _stallCheck;
    private long _lastId;
    private int _open;

    public SmbConnectionHandler(SmbServer server)
    {
        _server = server;
        _stallCheck = server.Time.CreateTimer(_ => CheckStalls(), null, StallCheckInterval, StallCheckInterval);
    }

    public int OpenConnections => _connections.Count;

    /// <summary>A number of the moment: connections come and go meanwhile.</summary>
    public IEnumerable<SmbConnection> Connections => _connections.Values;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var address = ((IPEndPoint)connection.RemoteEndPoint!).Address;
        if (!TryEnter(address))
        {
            _server.Metrics.SmbConnectionRefused();
            _server.Logger.SmbConnectionRefused(address);
            connection.Abort();
            return;
        }

        var id = Interlocked.Increment(ref _lastId);
        try
        {
            using var served = new SmbConnection(_server, connection, id);
            _connections[id] = served;
            _server.ReportOpened(served);
            var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
            using (stopping?.ConnectionClosedRequested.UnsafeRegister(
                static state => ((SmbConnection)state!).Stop(), served))
            {
                await served.RunAsync();
            }

            _server.ReportEnded(served);
        }
        finally
        {
            _connections.TryRemove(id, out _);
            Leave(address);
        }
    }

    public void Dispose() => _stallCheck.Dispose();

    private bool TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            var ofAddress = _addresses.GetValueOrDefault(address);
            if (_open >= _server.Limits.ConnectionsMax || ofAddress >= _server.Limits.ConnectionsOfAddressMax) return false;

            _open++;
            _addresses[address] = ofAddress + 1;
            return true;
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_gate)
        {
            _open--;
            if (--_addresses[address] == 0) _addresses.Remove(address);
        }
    }

    private void CheckStalls()
    {
        var now = _server.Time.GetTimestamp();
        foreach (var (_, connection) in _connections) connection.CheckStall(now);
    }
}
