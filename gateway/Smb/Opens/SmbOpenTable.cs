using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;

namespace Gateway.Smb.Opens;

/// <summary>All opens of the server (MS-SMB2 3.3.1.5 GlobalOpenTable).</summary>
/// <remarks>
/// Threading: any. Requests find their open without a lock; who belongs to which session is kept under one.
/// </remarks>
internal sealed class SmbOpenTable(TimeProvider time, SmbLimits limits)
{
    private readonly ConcurrentDictionary<ulong, SmbOpen> _byVolatile = new();
    private readonly ConcurrentDictionary<ulong, SmbOpen> _byPersistent = new();
    private readonly Lock _sync = new();
    private readonly Dictionary<SmbSession, HashSet<SmbOpen>> _ofSessions = [];
    private int _away;

    /// <summary>Kept here, as the dictionary takes all its locks to count.</summary>
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public ReplayTable Replays { get; } = new();

    /// <summary>The open with this id, if it is one of this session and tree.</summary>
    public bool TryGet(FileId id, SmbSession session, TreeConnect? tree, [NotNullWhen(true)] out SmbOpen? open) =>
        _byVolatile.TryGetValue(id.Volatile, out open)
        && open.Id == id
        && open.Session == session
        && (tree is null || open.IsOf(tree));

    /// <summary>The durable open a client comes back for: it names but the persistent half of the id.</summary>
    public bool TryGetDurable(ulong persistent, [NotNullWhen(true)] out SmbOpen? open) =>
        _byPersistent.TryGetValue(persistent, out open) && open.Durable is not null;

    /// <summary>Opens that an application made (MS-SMB2 3.3.5.9.13).</summary>
    public IEnumerable<SmbOpen> OfApplication(Guid instance) =>
        _byVolatile.Select(pair => pair.Value).Where(open => open.AppInstanceId == instance);

    /// <summary>
    /// An open that a CREATE is about to fill. TooManyOpenedFiles, or what says that session or tree have ended.
    /// </summary>
    /// <param name="tree">What it comes by.</param>
    /// <param name="open">Null unless Success.</param>
    /// <param name="persistent">The persistent half of its id; null for any.</param>
    public NtStatus TryAdd(TreeConnect tree, out SmbOpen? open, ulong? persistent = null)
    {
        var session = tree.Session;
        open = null;
        var added = new SmbOpen(this, NewId(persistent), tree);
        lock (_sync)
        {
            var opens = _ofSessions.GetValueOrDefault(session);
            if (_count >= limits.OpensMax || opens?.Count >= limits.OpensOfSessionMax)
                return NtStatus.TooManyOpenedFiles;
            if (opens is null)
                _ofSessions.Add(session, opens = []);
            opens.Add(added);
            Interlocked.Increment(ref _count);
            _byPersistent[added.Id.Persistent] = added;
            _byVolatile[added.Id.Volatile] = added;
        }

        // Looked at only now: who ends them from here on finds the open.
        if (session.State != SmbSessionState.Ended && !tree.IsDisconnected)
        {
            open = added;
            return NtStatus.Success;
        }

        Remove(added);
        return tree.IsDisconnected ? NtStatus.NetworkNameDeleted : NtStatus.UserSessionDeleted;
    }

    /// <summary>Takes a persistent open of an earlier epoch, for its client to come back to.</summary>
    public void Adopt(Open file, PersistentGrant grant, Share share)
    {
        var adopted = new SmbOpen(this, NewId(grant.Id), share, file, grant);
        lock (_sync)
        {
            Interlocked.Increment(ref _count);
            _away++;
            _byPersistent[adopted.Id.Persistent] = adopted;
            _byVolatile[adopted.Id.Volatile] = adopted;
        }

        adopted.AwaitReplay(grant.CreateGuid);
        file.Holder = adopted;
        if (file.IsClosed)
            adopted.Closed(file);
    }

    /// <summary>
    /// The client of a durable open comes back through this tree. ObjectNameNotFound when somebody was faster; otherwise what
    /// says that session or tree have ended meanwhile, and the open waits on.
    /// </summary>
    public async ValueTask<NtStatus> ReattachAsync(SmbOpen open, TreeConnect tree)
    {
        lock (_sync)
        {
            if (!open.TryReattach(tree))
                return NtStatus.ObjectNameNotFound;
            _away--;
            if (!_ofSessions.TryGetValue(tree.Session, out var opens))
                _ofSessions.Add(tree.Session, opens = []);
            opens.Add(open);
        }

        // Looked at only now, as for new ones: nobody would end it any more, nor its client come back for it.
        if (tree.Session.State != SmbSessionState.Ended && !tree.IsDisconnected)
            return NtStatus.Success;

        await EndAsync(tree.Session, found => found == open, keepsDurable: true);
        return tree.IsDisconnected ? NtStatus.NetworkNameDeleted : NtStatus.UserSessionDeleted;
    }

    /// <summary>The tree is disconnected: its opens are closed, the durable ones too (MS-SMB2 3.3.5.8).</summary>
    public ValueTask EndAsync(TreeConnect tree) => EndAsync(tree.Session, open => open.IsOf(tree), keepsDurable: false);

    /// <summary>The session has ended: its opens are closed, or kept for their client when they are durable.</summary>
    public ValueTask EndAsync(SmbSession session, bool keepsDurable) => EndAsync(session, _ => true, keepsDurable);

    /// <summary>
    /// The volume is no longer served here: what waits for its client is closed too, but persistent opens, which are there for
    /// whoever serves it next.
    /// </summary>
    public async ValueTask EndAsync(FileTree volume)
    {
        foreach (var (_, open) in _byVolatile)
        {
            if (open.Share.Files != volume) continue;
            if (open.IsPersistent) open.Abandon();
            else await open.CloseAsync();
        }
    }

    /// <summary>Shares with these names are no more: opens by them that wait for their client are closed, persistent or not.</summary>
    public async ValueTask EndAwayAsync(IReadOnlySet<string> shares)
    {
        foreach (var (_, open) in _byVolatile)
        {
            if (open.Session is null && shares.Contains(open.Share.Name)) await open.CloseAsync();
        }
    }

    /// <summary>Forgets an open that is closed.</summary>
    internal void Remove(SmbOpen open)
    {
        if (_byVolatile.TryRemove(open.Id.Volatile, out _))
            Interlocked.Decrement(ref _count);
        _byPersistent.TryRemove(open.Id.Persistent, out _);
        open.EndReplay();
        lock (_sync)
        {
            if (open.Session is { } session)
                RemoveFrom(session, open);
            else
                _away--;
        }
    }

    private async ValueTask EndAsync(SmbSession session, Func<SmbOpen, bool> isMeant, bool keepsDurable)
    {
        SmbOpen[] ended;
        lock (_sync)
        {
            if (!_ofSessions.TryGetValue(session, out var opens))
                return;
            ended = [.. opens.Where(isMeant)];
            foreach (var open in ended)
            {
                if (!keepsDurable || !(open.IsPersistent || _away < limits.DurableOpensAwayMax) || !open.TryDetach(time))
                    continue;
                _away++;
                RemoveFrom(session, open);
            }
        }

        foreach (var open in ended)
        {
            if (open.Session == session)
                await open.CloseAsync();
        }
    }

    private void RemoveFrom(SmbSession session, SmbOpen open)
    {
        if (_ofSessions.TryGetValue(session, out var opens) && opens.Remove(open) && opens.Count == 0)
            _ofSessions.Remove(session);
    }

    /// <summary>An id that no open has; a given persistent half is none's already.</summary>
    private FileId NewId(ulong? persistent)
    {
        while (true)
        {
            var id = RandomIds.Next(persistent);
            if ((persistent is not null || !_byPersistent.ContainsKey(id.Persistent)) && !_byVolatile.ContainsKey(id.Volatile))
                return id;
        }
    }
}
