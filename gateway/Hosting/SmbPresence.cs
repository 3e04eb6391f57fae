using System.Net;
using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Replication.Links;
using Gateway.Smb;
using Gateway.Smb.Authentication;
using Gateway.Smb.Connections;
using Gateway.Smb.Names;
using Gateway.Smb.Trees;
using Gateway.Sockets;
using Gateway.Telemetry;
using Gateway.Users;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>The SMB server of a gateway and the port it listens on.</summary>
/// <remarks>Volumes and shares change one after another, which the caller sees to.</remarks>
internal sealed class SmbPresence : IAsyncDisposable
{
    private readonly SmbConnectionHandler _connections;
    private readonly TcpEndpoint _endpoint;

    private readonly Dictionary<string, FileTree> _volumes;
    private readonly UserDirectory _users;
    private IReadOnlyList<ShareOptions> _shares;

    private SmbPresence(
        SmbServer server,
        SmbConnectionHandler connections,
        TcpEndpoint endpoint,
        (string Volume, FileTree Tree) first,
        IReadOnlyList<ShareOptions> shares,
        UserDirectory users)
    {
        (Server, _connections, _endpoint, _shares, _users) = (server, connections, endpoint, shares, users);
        _volumes = new Dictionary<string, FileTree> { [first.Volume] = first.Tree };
        users.Revoked += server.EndSessionsOf;
    }

    public SmbServer Server { get; }

    public IPEndPoint Address => _endpoint.Address;

    public int OpenConnections => _connections.OpenConnections;

    /// <summary>With the first volume, which is there before any client is; null when there is to be no SMB.</summary>
    /// <exception cref="StartException">The port that was asked for, or all that were tried, are taken or not allowed.</exception>
    public static async Task<SmbPresence?> StartAsync(
        GatewayOptions options,
        string volume,
        FileTree tree,
        ClusterSecret secret,
        UserDirectory users,
        TransferMemory memory,
        GatewayMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        if (options.Smb.Port == 0) return null;

        var authenticator = new Authenticator(users, Dns.GetHostName(), metrics, time, loggers.CreateLogger<Authenticator>());
        var server = new SmbServer(
            OptionsOf(options.Smb, secret, authenticator),
            new ShareTable([]),
            authenticator,
            new SidMap(secret.Cluster),
            memory,
            metrics,
            time,
            loggers.CreateLogger<SmbServer>());
        server.OpenVolume(tree, SharesOf(options.Smb.Shares, volume, tree));
        if (options.Smb.OffersTestControls) Log.OffersTestControls(loggers.CreateLogger<SmbPresence>());
        var connections = new SmbConnectionHandler(server);
        try
        {
            var endpoint = await ListenAsync(options, connections, server.Limits, loggers);
            return new SmbPresence(server, connections, endpoint, (volume, tree), options.Smb.Shares, users);
        }
        catch
        {
            connections.Dispose();
            throw;
        }
    }

    /// <summary>The shares of a further volume are there from now on.</summary>
    public void Open(string volume, FileTree tree)
    {
        _volumes.Add(volume, tree);
        Server.OpenVolume(tree, SharesOf(_shares, volume, tree));
    }

    /// <summary>The volume is another gateway's: nothing of it is answered any more.</summary>
    public ValueTask CloseAsync(string volume, FileTree tree)
    {
        _volumes.Remove(volume);
        return Server.EndVolumeAsync(tree);
    }

    /// <summary>
    /// From now on, this is shared. Who is connected to what is no longer, or is given otherwise, is disconnected from that
    /// share; other clients notice nothing.
    /// </summary>
    public async ValueTask ShareAsync(IReadOnlyList<ShareOptions> shares)
    {
        var before = _volumes.Keys.SelectMany(volume => OptionsOf(_shares, volume)).ToList();
        var after = _volumes.Keys.SelectMany(volume => OptionsOf(shares, volume)).ToList();
        var ended = before.Where(share => !after.Exists(share.GivesTheSameAs)).Select(share => share.Name);
        _shares = shares;
        Server.OffersPersistent = shares.Any(share => share.Continuous);
        await Server.ReplaceSharesAsync(
            [.. _volumes.SelectMany(volume => SharesOf(shares, volume.Key, volume.Value))],
            ended.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Lets no more requests in; what runs ends or is cut off when the token says so.</summary>
    public Task StopAsync(CancellationToken deadline) => _endpoint.StopAsync(deadline);

    public async ValueTask DisposeAsync()
    {
        _users.Revoked -= Server.EndSessionsOf;
        await _endpoint.DisposeAsync();
        _connections.Dispose();
    }

    private static async Task<TcpEndpoint> ListenAsync(
        GatewayOptions options, SmbConnectionHandler connections, SmbLimits limits, ILoggerFactory loggers)
    {
        if (options.IsRehearsal) return await ListenAtAsync(0);
        if (options.Smb.Port is { } asked) return await ListenAtAsync(asked);

        try
        {
            return await ListenAtAsync(SmbOptions.StandardPort);
        }
        catch (StartException)
        {
            // Somebody else's, or not allowed: clients can be told another one.
        }

        try
        {
            return await ListenAtAsync(SmbOptions.SparePort);
        }
        catch (StartException error)
        {
            throw new StartException(
                $"no port for SMB: neither {SmbOptions.StandardPort} nor {SmbOptions.SparePort} can be used; "
                + $"--smb-port chooses another, or none ({error.Message})",
                error);
        }

        Task<TcpEndpoint> ListenAtAsync(int port) => TcpEndpoint.ListenAsync(
            new IPEndPoint(options.Listen, port), limits.ConnectionsMax, connections.OnConnectedAsync, loggers, TcpTransport.Configure);
    }

    private static SmbServerOptions OptionsOf(SmbOptions options, ClusterSecret secret, Authenticator authenticator) => new()
    {
        // The same for all gateways of a cluster: a client that reconnects to another one finds "the" server.
        ServerGuid = new Guid(secret.DeriveKey("nasgate smb server").AsSpan(0, 16)),
        ServerName = authenticator.NetBiosName,
        SigningRequired = options.SigningRequired,
        Encryption = options.Encryption,
        AllowsAnonymousList = options.AllowsAnonymousList,
        OffersTestControls = options.OffersTestControls,
        OffersPersistent = options.Shares.Any(share => share.Continuous),
    };

    // Where somebody has said what is shared, only that is.
    private static List<ShareOptions> OptionsOf(IReadOnlyList<ShareOptions> shares, string volume)
    {
        var own = shares.Where(share => share.Volume == volume).ToList();
        if (own.Count == 0 && shares.All(share => share.Comment.Length == 0 && share.GivesTheSameAs(ShareOptions.Default(share.Volume))))
            own.Add(ShareOptions.Default(volume));
        return own;
    }

    private static IReadOnlyList<Share> SharesOf(IReadOnlyList<ShareOptions> shares, string volume, FileTree tree) =>
        [.. OptionsOf(shares, volume).Select(share => ShareOf(share, tree))];

    private static Share ShareOf(ShareOptions options, FileTree tree) => new()
    {
        Name = options.Name,
        Comment = options.Comment,
        Files = tree,
        Directory = [.. options.Directory.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes)],
        IsReadOnly = options.ReadOnly,
        EncryptData = options.Encrypt,
        IsWriteBack = options.WriteBack,
        IsContinuous = options.Continuous,
        Hidden = new HiddenNames(options.Hide),
        HasStreams = options.Streams,
        IsAccessBased = options.AccessBased,
        KeepsAutoInherited = options.KeepInherited,
        IsApple = options.MacOS,
        IsTimeMachine = options.TimeMachine,
    };
}
