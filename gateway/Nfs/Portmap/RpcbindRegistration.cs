using System.Net;
using System.Net.Sockets;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Portmap;
using Gateway.Protocol.Wire;
using Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Portmap;

/// <summary>Makes our programs known to the rpcbind of this machine, and forgotten when we stop.</summary>
/// <remarks>
/// rpcbind lets only this machine register: over its local socket, or over loopback TCP from a reserved port. A program
/// that something else serves here, and that answers, is left to it: a machine that is a client too has its own status
/// monitor and lock manager. Threading: one call at a time.
/// </remarks>
internal sealed class RpcbindRegistration(
    IReadOnlyList<PortmapService> services, IPAddress listen, ILogger<RpcbindRegistration> logger)
{
    /// <summary>Mappings looked at in rpcbind's list.</summary>
    private const int KnownMax = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly List<RpcbindMapping> _registered = [];

    /// <summary>Where rpcbind listens locally.</summary>
    public string SocketPath { get; init; } = "/run/rpcbind.sock";

    /// <summary>Where rpcbind listens on TCP.</summary>
    public IPEndPoint TcpEndPoint { get; init; } = new(IPAddress.Loopback, PortmapProtocol.Port);

    /// <summary>Number of program versions and transports that rpcbind knows as ours.</summary>
    public int RegisteredCount => _registered.Count;

    /// <summary>Registers everything; false when there is no rpcbind. What could not be registered is logged.</summary>
    public async Task<bool> RegisterAsync(CancellationToken cancellation)
    {
        using var rpcbind = await TryConnectAsync(cancellation);
        if (rpcbind is null) return false;

        try
        {
            var taken = await FindTakenAsync(rpcbind, cancellation);
            foreach (var program in taken) logger.RpcbindProgramTaken(program);
            foreach (var mapping in services.Where(service => !taken.Contains(service.Program)).SelectMany(MappingsOf))
                await SetAsync(rpcbind, mapping, cancellation);

            logger.RpcbindRegistered(_registered.Count);
        }
        catch (Exception error) when (IsPeerTrouble(error))
        {
            logger.RpcbindFailed(error.Message);
        }

        return true;
    }

    /// <summary>Takes back what <see cref="RegisterAsync"/> registered.</summary>
    public async Task UnregisterAsync(CancellationToken cancellation)
    {
        if (_registered.Count == 0) return;

        using var rpcbind = await TryConnectAsync(cancellation);
        try
        {
            foreach (var mapping in _registered.TakeWhile(_ => rpcbind is not null))
                await ChangeAsync(rpcbind!, RpcbindProcedure.Unset, mapping, cancellation);
        }
        catch (Exception error) when (IsPeerTrouble(error))
        {
            logger.RpcbindFailed(error.Message);
        }

        _registered.Clear();
    }

    private static bool IsPeerTrouble(Exception error) =>
        error is IOException or SocketException or OperationCanceledException or ProtocolViolationException;

    private async Task<RpcClient?> TryConnectAsync(CancellationToken cancellation)
    {
        foreach (var endPoint in new EndPoint[] { new UnixDomainSocketEndPoint(SocketPath), TcpEndPoint })
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                patience.CancelAfter(Patience);
                return await RpcClient.ConnectAsync(endPoint, RpcCredentials.None, reservedPort: true, patience.Token);
            }
            catch (Exception error) when (IsPeerTrouble(error))
            {
                // No rpcbind there. The next way may work; none at all is an ordinary machine.
            }
        }

        return null;
    }

    private IEnumerable<RpcbindMapping> MappingsOf(PortmapService service)
    {
        foreach (var network in service.NetworkIds)
        {
            var is6 = network.EndsWith('6');
            if (listen.AddressFamily == AddressFamily.InterNetworkV6 ? is6 : !is6)
                yield return Mapping(service, network, listen);
            else if (listen.Equals(IPAddress.IPv6Any))
                yield return Mapping(service, network, IPAddress.Any);
        }
    }

    private static RpcbindMapping Mapping(PortmapService service, string network, IPAddress host) =>
        new(service.Program, service.Version, network, UniversalAddress.Format(host, service.Port), "superuser");

    private async Task SetAsync(RpcClient rpcbind, RpcbindMapping mapping, CancellationToken cancellation)
    {
        // What is there now is dead, or ours from before a crash: SET would refuse to replace it.
        await ChangeAsync(rpcbind, RpcbindProcedure.Unset, mapping, cancellation);
        if (await ChangeAsync(rpcbind, RpcbindProcedure.Set, mapping, cancellation))
            _registered.Add(mapping);
        else
            logger.RpcbindRefused(mapping.Program, mapping.Version, mapping.NetworkId);
    }

    private static async Task<bool> ChangeAsync(
        RpcClient rpcbind, RpcbindProcedure procedure, RpcbindMapping mapping, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        var answer = await rpcbind.CallAsync(
            PortmapProtocol.Program, PortmapProtocol.RpcbindVersion4, (uint)procedure, mapping.Write, patience.Token);
        return answer.Succeeded && new XdrReader(answer.Results.Span).ReadBoolean();
    }

    // The programs of ours that something else serves on this machine, and that answers a NULL call there.
    private async Task<HashSet<uint>> FindTakenAsync(RpcClient rpcbind, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);

        // A dump, because GETADDR answers for the transport it was asked on, and that is the local socket.
        var answer = await rpcbind.CallAsync(
            PortmapProtocol.Program,
            PortmapProtocol.RpcbindVersion4,
            (uint)RpcbindProcedure.Dump,
            null,
            patience.Token);
        var known = new List<RpcbindMapping>();
        var taken = new HashSet<uint>();
        if (!answer.Succeeded || !RpcbindMapping.TryParseList(answer.Results.Span, KnownMax, known)) return taken;

        foreach (var mapping in known.Where(mapping => mapping.NetworkId == UniversalAddress.Tcp))
        {
            if (taken.Contains(mapping.Program)
                || !services.Any(service => service.Program == mapping.Program)
                || !UniversalAddress.TryParse(mapping.Address, out var endPoint)
                || services.Any(service => service.Port == endPoint.Port))
            {
                continue;
            }

            if (await IsAliveAsync(mapping, endPoint.Port, patience.Token)) taken.Add(mapping.Program);
        }

        return taken;
    }

    private static async Task<bool> IsAliveAsync(RpcbindMapping mapping, int port, CancellationToken cancellation)
    {
        try
        {
            using var other = await RpcClient.ConnectAsync(
                new IPEndPoint(IPAddress.Loopback, port), RpcCredentials.None, reservedPort: false, cancellation);
            return (await other.CallAsync(mapping.Program, mapping.Version, 0, null, cancellation)).Succeeded;
        }
        catch (Exception error) when (IsPeerTrouble(error))
        {
            return false;
        }
    }
}
