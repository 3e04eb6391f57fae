using System.Collections.Concurrent;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Replication.Links;
using Gateway.Replication.Store;
using Gateway.Users;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>
/// The volumes that this gateway serves now, over all protocols. The ports are open while there is one: a gateway that owns
/// nothing refuses connections, which is what clients and load balancers understand best.
/// </summary>
/// <remarks>Threading: one opening or closing at a time, which is seen to here; the rest from any thread.</remarks>
internal sealed class FileServer(
    GatewayOptions options, ClusterSecret secret, UserDirectory users, TimeProvider time, ILoggerFactory loggers)
        : IAsyncDisposable
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger<FileServer>();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, FileTree> _volumes = new();
    private readonly ConcurrentDictionary<string, bool> _declared = new();
    private GatewayOptions _options = options;
    private volatile ProtocolServer? _protocols;

    /// <summary>What clients reach; null while no volume is served.</summary>
    public ProtocolServer? Protocols => _protocols;

    /// <summary>The files of a volume, or null when it is not served here.</summary>
    public FileTree? Find(string volume) => _volumes.GetValueOrDefault(volume);

    /// <summary>Whether a volume, or with null any, is served here, and owned at a moment after the call.</summary>
    public async Task<bool> ServesAsync(string? volume, CancellationToken cancellation)
    {
        foreach (var (name, tree) in _volumes)
        {
            if ((volume is null || volume == name) && await tree.ConfirmOwnedAsync(cancellation)) return true;
        }

        return false;
    }

    /// <summary>There is a volume of this name, here or elsewhere: who asks for it is not told that there is none.</summary>
    public void Declare(string volume)
    {
        _declared[volume] = true;
        _protocols?.Declare(volume);
    }

    /// <summary>What is exported over NFS from now on, also to clients that are there.</summary>
    /// <exception cref="ExportException">It makes no sense; nothing has changed.</exception>
    public async Task ExportAsync(IReadOnlyList<ExportOptions> exports)
    {
        ExportTable.Check(exports, _ => true);
        await _gate.WaitAsync();
        try
        {
            _options = _options with { Exports = exports };
            _protocols?.Export(exports);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What is shared over SMB from now on. Returns when what is shared no longer is closed.</summary>
    public async Task ShareAsync(IReadOnlyList<ShareOptions> shares)
    {
        await _gate.WaitAsync();
        try
        {
            _options = _options with { Smb = _options.Smb with { Shares = shares } };
            if (_protocols is { } protocols) await protocols.ShareAsync(shares);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Serves a volume from now on.</summary>
    /// <exception cref="StartException">A port is in use, or the volume does not take what serving it needs.</exception>
    public async Task OpenAsync(string volume, IVolumeStore store, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        FileTree? tree = null;
        try
        {
            var treeOptions = new FileTreeOptions { SidAuthority = secret.Cluster };
            tree = await FileTree.OpenAsync(store, treeOptions, time, loggers.CreateLogger<FileTree>(), cancellation);
            var protocols = _protocols ?? Create();
            await protocols.OpenAsync(volume, tree, cancellation);
            _volumes[volume] = tree;
        }
        catch
        {
            if (tree is not null) await tree.DisposeAsync();
            await CloseIfIdleAsync();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Serves a volume no longer. In good order, running requests end first and what was written is made durable, within
    /// three seconds; otherwise nothing more is answered and what is not durable is dropped.
    /// </summary>
    /// <returns>True when everything written is durable.</returns>
    public async Task<bool> CloseAsync(string volume, bool inGoodOrder)
    {
        await _gate.WaitAsync();
        try
        {
            if (!_volumes.TryRemove(volume, out var tree)) return true;

            if (inGoodOrder && _volumes.IsEmpty) await _protocols!.DrainAsync();
            await _protocols!.CloseAsync(volume, tree);
            var status = inGoodOrder ? await FlushAsync(tree) : FileStatus.Unavailable;
            if (inGoodOrder && status != FileStatus.Ok) Log.FlushIncomplete(_logger, status.ToString());
            await CloseIfIdleAsync();
            await tree.DisposeAsync();
            return status == FileStatus.Ok;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the service of all volumes in good order.</summary>
    public async Task StopAsync()
    {
        foreach (var volume in _volumes.Keys) await CloseAsync(volume, inGoodOrder: true);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_protocols is not null) await _protocols.DisposeAsync();
        _gate.Dispose();
    }

    private static async Task<FileStatus> FlushAsync(FileTree tree)
    {
        try
        {
            return await tree.FlushAsync().AsTask().WaitAsync(FlushTimeout);
        }
        catch (TimeoutException)
        {
            // Clients will send it again: the write verifier changes.
            return FileStatus.Unavailable;
        }
    }

    // Seen by Declare first: a volume that is declared meanwhile is in one of the two.
    private ProtocolServer Create()
    {
        var created = new ProtocolServer(_options, secret, users, time, loggers);
        _protocols = created;
        foreach (var declared in _declared.Keys) created.Declare(declared);
        return created;
    }

    private async Task CloseIfIdleAsync()
    {
        if (!_volumes.IsEmpty || _protocols is not { } protocols) return;
        _protocols = null;
        await protocols.DisposeAsync();
    }
}
