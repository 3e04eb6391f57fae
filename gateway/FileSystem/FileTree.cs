using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Data;
using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Names;
using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.FileSystem.Watches;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.FileSystem;

/// <summary>
/// The file system of one volume, in no protocol's words, over replicated rows and slices.
/// </summary>
/// <remarks>
/// <para>Threading: all members may be called from any thread at the same time. Operations that change names or
/// attributes run one after another in the volume's sequencer; reads work on snapshots of committed rows and normally
/// complete
/// synchronously.</para>
/// <para>Names are bytes. An optional <see cref="RecordedReply"/> makes a change take effect exactly once. Statuses
/// that every
/// operation may give: Stale, Unavailable, and for changes NoSpace.</para>
/// </remarks>
[SuppressMessage(
    "Maintainability", "CA1506", Justification = "The facade names the arguments and results of all operations.")]
public sealed partial class FileTree : IAsyncDisposable
{
    /// <summary>Space a new node takes at least, for the number of nodes that still fit.</summary>
    private const long BytesPerNodeLeast = 512;

    private readonly IVolumeStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly WriteBack _writeBack;

    private FileTree(
        IVolumeStore store, FileTreeOptions options, TimeProvider clock, ILogger logger, VolumeIdentity identity)
    {
        _store = store;
        _clock = clock;
        _logger = logger;
        Options = options;
        VolumeId = identity.VolumeId;
        FileSystemId = identity.FileSystemId;
        Root = new NodeId(NodeId.RootInode, identity.RootGeneration);
        Sids = new SidMap(options.SidAuthority ?? identity.VolumeId);
        Handles = new HandleSeal(identity.VolumeId, identity.HandleKey);
        Tunnel = new NameTunnel(clock);
        Replies = new ReplyTable(new SipHash(identity.HandleKey));
        Opens = new OpenTable(this, options.Opens, new SipHash(identity.HandleKey), clock);
        Locks = new ByteRangeLocks(store, Opens);
        Watches = new WatchTable(this);
        Changes.Add(Watches);
        Changes.Add(new NameFollower(Opens));
        Monitors = new MonitorList(store);
        Connections = new ConnectionList(store);
        _writeBack = new WriteBack(this, store, options, clock, logger);
        _accessTimes = new AccessTimes(store, clock, options.AccessTimeDelay);
        _settler = new Settler(store, options, clock, _writeBack);
        _background = RunBackgroundAsync();
    }

    public FileTreeOptions Options { get; }

    public Guid VolumeId { get; }

    /// <summary>The fsid of all nodes; made of the volume's id.</summary>
    public ulong FileSystemId { get; }

    public NodeId Root { get; }

    public HandleSeal Handles { get; }

    /// <summary>How users and groups of the volume are named in security descriptors.</summary>
    public SidMap Sids { get; }

    /// <summary>Where listeners hear what changes.</summary>
    public TreeChanges Changes { get; } = new();

    public ByteRangeLocks Locks { get; }

    /// <summary>Opens with share modes, caching and deletion on close; NFS has none.</summary>
    public OpenTable Opens { get; }

    public WatchTable Watches { get; }

    public MonitorList Monitors { get; }

    public ConnectionList Connections { get; }

    /// <summary>Changes if and only if unstable writes may have been lost.</summary>
    public ulong WriteVerifier => _store.WriteVerifier;

    /// <summary>Written bytes in memory that are not durable yet.</summary>
    public long BufferedBytes => _writeBack.BufferedBytes;

    internal ReplyTable Replies { get; }

    internal ShortNameIndex ShortNames { get; } = new();

    internal NameTunnel Tunnel { get; }

    /// <summary>Opens the file system of a volume; makes the root directory and the handle key in a new one.</summary>
    /// <exception cref="IOException">The store is not available.</exception>
    public static async ValueTask<FileTree> OpenAsync(
        IVolumeStore store, FileTreeOptions options, TimeProvider clock, ILogger logger,
        CancellationToken cancellation = default)
    {
        var found = new FoundVolumeMutation();
        var outcome = await store.ExecuteAsync(found, cancellation);
        if (outcome != StoreOutcome.Ok) throw new IOException($"The volume's rows cannot be read: {outcome}.");

        var tree = new FileTree(store, options, clock, logger, found.Identity);
        await tree.Opens.RestoreAsync();
        await tree.EndAllUnnamedAsync();
        return tree;
    }

    /// <summary>Makes everything written so far durable.</summary>
    public ValueTask<FileStatus> FlushAsync() => _writeBack.FlushAllAsync();

    /// <summary>Ends the background work. Unstable data that was not flushed is dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        Opens.StopAwaiting();
        await _stopping.CancelAsync();
        await _background;
        _stopping.Dispose();
    }
}
