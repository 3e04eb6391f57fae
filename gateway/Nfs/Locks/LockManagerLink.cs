using System.Net;
using System.Net.Sockets;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Portmap;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Locks;

/// <summary>The way to the lock manager of one client: its port mapper says where it is.</summary>
/// <remarks>
/// Threading: one call at a time. A call that fails drops the connection and what was known of the port. Throws what
/// <see cref="RpcClient"/> throws.
/// </remarks>
internal sealed class LockManagerLink(IPAddress address, IPAddress from, int portmapPort) : IDisposable
{
    private static readonly RpcCredentials Credentials = RpcCredentials.Sys(0, 0, [], "nasgate");

    private RpcClient? _client;
    private int _port;

    /// <summary>True once the request of the last call was handed to the network: the client may have seen it.</summary>
    public bool WasSent { get; private set; }

    /// <summary>Calls GRANTED and waits for the client's answer; null when its lock manager does not know the procedure.</summary>
    public async Task<Nlm4Status?> GrantedAsync(Action<XdrWriter> arguments, CancellationToken cancellation)
    {
        WasSent = false;
        try
        {
            _client ??= await ConnectAsync(cancellation);
            WasSent = true;
            var answer = await _client.CallAsync(
                Nlm4Protocol.Program, Nlm4Protocol.Version, (uint)Nlm4Procedure.Granted, arguments, cancellation);
            if (!answer.Succeeded) return null;

            return Nlm4Result.TryParse(answer.Results.Span, out var result)
                ? result.Status
                : throw new ProtocolViolationException("The answer to GRANTED cannot be read.");
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>Sends a message that has no reply, on a connection of its own: whatever comes back is not waited for.</summary>
    public async Task SendAsync(Nlm4Procedure procedure, Action<XdrWriter> arguments, CancellationToken cancellation)
    {
        WasSent = false;
        try
        {
            using var client = await ConnectAsync(cancellation);
            WasSent = true;
            await client.SendAsync(Nlm4Protocol.Program, Nlm4Protocol.Version, (uint)procedure, arguments, cancellation);
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>The client has answered what was sent: nothing is open between us.</summary>
    public void Answered() => WasSent = false;

    public void Dispose() => _client?.Dispose();

    private void Forget()
    {
        _client?.Dispose();
        _client = null;
        _port = 0;
    }

    private async Task<RpcClient> ConnectAsync(CancellationToken cancellation)
    {
        if (_port == 0) _port = await FindPortAsync(cancellation);
        return await RpcClient.ConnectAsync(new IPEndPoint(address, _port), Credentials, from, cancellation);
    }

    private async Task<int> FindPortAsync(CancellationToken cancellation)
    {
        using var mapper = await RpcClient.ConnectAsync(
            new IPEndPoint(address, portmapPort), RpcCredentials.None, from, cancellation);
        var port = address.AddressFamily == AddressFamily.InterNetworkV6
            ? await GetAddressAsync(mapper, cancellation)
            : await GetPortAsync(mapper, cancellation);
        return port is > 0 and <= ushort.MaxValue
            ? port
            : throw new IOException("The client's port mapper knows no lock manager on TCP.");
    }

    private static async Task<int> GetPortAsync(RpcClient mapper, CancellationToken cancellation)
    {
        var wanted = new PortmapMapping(Nlm4Protocol.Program, Nlm4Protocol.Version, TransportProtocol.Tcp, 0);
        var answer = await mapper.CallAsync(
            PortmapProtocol.Program,
            PortmapProtocol.PortmapVersion,
            (uint)PortmapProcedure.GetPort,
            wanted.Write,
            cancellation);
        return answer.Succeeded ? (int)Math.Min(new XdrReader(answer.Results.Span).ReadUInt32(), int.MaxValue) : 0;
    }

    private static async Task<int> GetAddressAsync(RpcClient mapper, CancellationToken cancellation)
    {
        var wanted = new RpcbindMapping(Nlm4Protocol.Program, Nlm4Protocol.Version, UniversalAddress.Tcp6, "", "");
        var answer = await mapper.CallAsync(
            PortmapProtocol.Program,
            PortmapProtocol.RpcbindVersion4,
            (uint)RpcbindProcedure.GetVersionAddress,
            wanted.Write,
            cancellation);
        return answer.Succeeded
            && RpcbindMapping.TryParseAddress(answer.Results.Span, out var text)
            && UniversalAddress.TryParse(text, out var endPoint)
            ? endPoint.Port
            : 0;
    }
}
