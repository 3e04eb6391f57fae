using System.Net;
using System.Net.Sockets;

namespace Gateway.Replication.Tests.Links.Tls;

/// <summary>Stands between a gateway and a node, and keeps all that passes, both ways.</summary>
internal sealed class RecordingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly MemoryStream _seen = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;

    public RecordingRelay(int target)
    {
        _listener.Start();
        _accepting = AcceptAsync(target);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public byte[] Bytes
    {
        get
        {
            lock (_seen) return _seen.ToArray();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _closing.Dispose();
        await _seen.DisposeAsync();
    }

    private async Task AcceptAsync(int target)
    {
        var relays = new List<Task>();
        try
        {
            while (true) relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_closing.Token), target));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(TcpClient from, int target)
    {
        using (from)
        using (var to = new TcpClient())
        {
            await to.ConnectAsync(IPAddress.Loopback, target, _closing.Token);
            var ways = new[] { CopyAsync(from.GetStream(), to.GetStream()), CopyAsync(to.GetStream(), from.GetStream()) };
            await Task.WhenAny(ways);
            from.Close();
            to.Close();
            await Task.WhenAll(ways);
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, _closing.Token)) > 0)
            {
                lock (_seen) _seen.Write(buffer, 0, count);
                await to.WriteAsync(buffer.AsMemory(0, count), _closing.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One end has gone, and the relay closes the other.
        }
    }
}
