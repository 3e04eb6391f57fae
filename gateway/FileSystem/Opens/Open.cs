using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem.Security;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// An open of a file, a directory or a stream: what MS-FSA 2.1.1.10 and MS-SMB2 3.3.1.10 call so, as far as it is about
/// the file. Rights were checked when it was made; its operations ask for none again, but do not look at
/// <see cref="Access"/> either: that is the protocol's, which knows the command.
/// </summary>
/// <remarks>
/// All members may be called from any thread. What changes is guarded by the lock of the opened file; the operations of
/// reading and writing take it only when others cache or lock.
/// </remarks>
[SuppressMessage(
    "Maintainability", "CA1506", Justification = "The facade names the arguments and results of all operations.")]
public sealed partial class Open
{
    private readonly OpenedName _name;
    private OplockLevel? _breakingTo;
    private ITimer? _timer;
    private int _closed;

    internal Open(OpenedContent content, OpenedName name, OpenRequest request, NodeType type, AccessMask granted)
    {
        Content = content;
        _name = name;
        Type = type;
        Access = granted;
        Share = request.Share;
        Options = request.Options;
        Root = request.Root;
        StreamName = request.Stream;
        Token = request.Token;
        Client = request.Client;
        Holder = request.Holder;
        DeleteOnClose = (request.Options & OpenOptions.DeleteOnClose) != 0;
        Caller = request.Token.Caller with { IsTrusted = true, Through = this };
    }

    public FileTree Tree => Content.Table.Tree;

    /// <summary>The content: the file itself, or one of its streams.</summary>
    public NodeId Node => Content.Node;

    /// <summary>The file or directory, also when a stream of it is open.</summary>
    public NodeId File => Content.File.Node;

    public bool IsStream => Content.IsStream;

    /// <summary>Kind of <see cref="File"/>.</summary>
    public NodeType Type { get; }

    public bool IsDirectory => Type == NodeType.Directory && !IsStream;

    /// <summary>The rights granted; no generic ones.</summary>
    public AccessMask Access { get; }

    public ShareModes Share { get; }

    public OpenOptions Options { get; }

    /// <summary>The directory <see cref="Path"/> starts from.</summary>
    public NodeId Root { get; }

    /// <summary>Where the name it came by is now; for the root the root itself.</summary>
    public NodeId Directory => _name.Place.Directory;

    /// <summary>The name as it is written now; empty for the root.</summary>
    public ReadOnlyMemory<byte> Name => _name.Place.Name;

    /// <summary>Empty for the main content.</summary>
    public ReadOnlyMemory<byte> StreamName { get; private set; }

    public SecurityToken Token { get; private set; }

    /// <summary>Who its operations are done as; breaks nothing that its own holder caches.</summary>
    public Caller Caller { get; private set; }

    /// <summary>The ClientGuid it was made with.</summary>
    public Guid Client { get; }

    /// <summary>Whom breaks are told. A reconnected durable open gets another one.</summary>
    public IOpenHolder Holder { get; set; }

    /// <summary><see cref="OplockLevel.Lease"/> when there is a <see cref="Lease"/>.</summary>
    public OplockLevel Oplock { get; private set; }

    public Lease? Lease { get; private set; }

    /// <summary>An acknowledgement of an oplock break is awaited.</summary>
    public bool OplockBreaking => _breakingTo is not null;

    /// <summary>The file, or the stream, goes when this open ends.</summary>
    public bool DeleteOnClose { get; private set; }

    /// <summary>The name it came by, or its stream, goes with the last open.</summary>
    public bool DeletePending => IsStream && Content.DeletePending || _name.DeletePending;

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    internal OpenedContent Content { get; }

    internal OpenedName Link => _name;

    internal LeaseState Caching => Lease?.State ?? CachingRules.StateOf(Oplock);

    /// <summary>
    /// Takes the client's answer to an oplock break (MS-SMB2 3.3.5.22.1): NotBreaking when none is awaited.
    /// </summary>
    public FileStatus AcknowledgeOplock(OplockLevel level)
    {
        lock (Content.Sync) return Acknowledge(level);
    }

    /// <summary>The same, and durable before it is Ok when the open is persistent.</summary>
    public async ValueTask<FileStatus> AcknowledgeOplockAsync(OplockLevel level)
    {
        if (!IsPersistent) return AcknowledgeOplock(level);

        var status = FileStatus.Unavailable;
        var outcome = await Content.Table.RecordAsync(Content.File, _ => status = Acknowledge(level));
        return outcome == StoreOutcome.Ok ? status : FileTree.StatusOf(outcome);
    }

    /// <summary>Names from <see cref="Root"/>; null when the file is out of its reach or gone.</summary>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>?> PathAsync(CancellationToken cancellation = default)
    {
        var place = _name.Place;
        if (place.Name.Length == 0) return [];
        return await Tree.PathBelowAsync(Root, place.Directory, cancellation) is { } above
            ? [.. above, place.Name]
            : null;
    }

    internal void Grant(OplockLevel level) => Oplock = level;

    internal void Grant(Lease lease)
    {
        Oplock = OplockLevel.Lease;
        Lease = lease;
        lease.Add(this);
    }

    /// <summary>Asks the holder to fall back to no more than the state; nothing when it caches no more.</summary>
    internal void BreakCaching(LeaseState to, BreakList breaks)
    {
        if (Lease is { } lease)
        {
            lease.Break(to, breaks);
            return;
        }

        // Oplocks know but two states to fall to.
        var level = (to & LeaseState.Read) == 0 ? OplockLevel.None : OplockLevel.LevelTwo;
        if (_breakingTo is not null || Oplock <= level) return;
        if (!Holder.IsConnected)
        {
            if (IsPersistent) LoseReading(breaks);
            else breaks.AddEnds([this]);
            return;
        }

        breaks.Add(this, level);
        if (Oplock == OplockLevel.LevelTwo)
        {
            FallTo(OplockLevel.None, breaks);
            return;
        }

        _breakingTo = level;
        _timer = Content.Table.StartTimer(Expire);
    }

    /// <summary>Takes the open out of everything others see of it. Under the lock of the file, once.</summary>
    internal void Detach()
    {
        Content.Opens.Remove(this);
        Content.Locks.RemoveAll(this);
        _name.Opens--;
        if (IsPersistent) Content.File.PersistentOpens--;
        StopAwaiting();
        EndBreak();
        if (Lease is { } lease)
        {
            lease.Remove(this);
            if (lease.IsUnused) Content.Table.Forget(lease);
        }

        Oplock = OplockLevel.None;
        Content.Signal();
    }

    private FileStatus Acknowledge(OplockLevel level)
    {
        if (_breakingTo is not { } asked) return FileStatus.NotBreaking;
        if (level is not (OplockLevel.None or OplockLevel.LevelTwo)) return FileStatus.BreakRefused;

        FallTo(level < asked ? level : asked);
        return FileStatus.Ok;
    }

    private void FallTo(OplockLevel level)
    {
        Oplock = level;
        EndBreak();
        NoteChange();
        Content.Signal();
    }

    /// <summary>Nobody waits for the end of plain read caching: it ends with the notice.</summary>
    private void FallTo(OplockLevel level, BreakList breaks)
    {
        Oplock = level;
        Content.Recount();
        NoteChange();
        breaks.AddRecord(Content.File);
    }

    /// <summary>The client is away, and will be told when it is back; what it may have written others wait for.</summary>
    private void LoseReading(BreakList breaks)
    {
        if (Oplock == OplockLevel.LevelTwo) FallTo(OplockLevel.None, breaks);
    }

    private void EndBreak()
    {
        _breakingTo = null;
        _timer?.Dispose();
        _timer = null;
    }

    /// <summary>The client did not answer in time (MS-SMB2 3.3.6.1).</summary>
    private void Expire()
    {
        if (IsPersistent)
        {
            _ = Content.Table.RecordAsync(Content.File, _ => LoseOplock()).AsTask();
            return;
        }

        lock (Content.Sync) LoseOplock();
    }

    private void LoseOplock()
    {
        if (_breakingTo is not null) FallTo(OplockLevel.None);
    }
}
