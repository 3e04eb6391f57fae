using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// Puts an open into the table when share modes and caching of others let it, and gives it caching of its own.
/// </summary>
internal sealed class OpenAdmission(OpenTable table, OpenRequest request, bool waited)
{
    /// <summary>Puts the open into the table, if nothing is in its way.</summary>
    public async ValueTask<Admission> EnterAsync(
        NodeAttributes file, NodeId content, Place place, AccessMask granted)
    {
        var breaks = new BreakList();
        var admission = Enter(file.Node, file.Type, content, place, granted, breaks);
        await breaks.SendAsync();
        return admission;
    }

    /// <summary>
    /// The same for a content that is being made: nobody has it yet, so there is nothing to break or to wait for.
    /// </summary>
    public Admission EnterNew(NodeId file, NodeType type, NodeId content, Place place, AccessMask granted)
    {
        for (; ; )
        {
            var admission = Enter(file, type, content, place, granted, new BreakList());
            if (admission != default) return admission;
        }
    }

    /// <summary>Nothing when the table's entry has just been given up: then there is another one.</summary>
    private Admission Enter(
        NodeId file, NodeType type, NodeId content, Place place, AccessMask granted, BreakList breaks)
    {
        var entry = table.Take(file);
        Admission admission = default;
        lock (entry.Sync)
        {
            if (!entry.IsRetired) admission = Enter(entry, type, content, place, granted, breaks);
        }

        if (admission.Open is null) table.Release(entry);
        return admission;
    }

    private Admission Enter(
        OpenedFile entry, NodeType type, NodeId node, Place place, AccessMask granted, BreakList breaks)
    {
        var present = entry.Find(node);
        var name = entry.FindName(place.Directory, place.Name);
        if (name is { DeletePending: true } || present is { DeletePending: true })
        {
            // The last open has ended already: what it removes will be gone, and is not pending to anybody.
            return (name?.Removal ?? present?.Removal) is { } removal
                ? new Admission(null, null, removal)
                : Admission.Refused(FileStatus.DeletePending);
        }

        // Before any open is disturbed for what will be refused.
        if (!MayUseKey(node)) return Admission.Refused(FileStatus.InvalidArgument);

        var contender = new Contender
        {
            Client = request.Client,
            Caching = request.Caching,
            Access = granted,
            Violates = SharingRules.Violates(entry, node, granted, request.Share),
            Overwrites = OpenRights.Overwrites(request.Disposition),
            IsFirst = !waited,
        };
        Others others = default;
        if (present is not null)
        {
            var waits = CachingRules.Contend(present, contender, breaks, out others);
            if (breaks.EndsOpens) return default;
            if (waits) return new Admission(null, null, present.WhenChanged());
        }

        if (contender.Violates || IsReserved(node, granted)) return Admission.Refused(FileStatus.SharingViolation);
        if (!table.TryEnter()) return Admission.Refused(FileStatus.TooManyOpens);

        var content = entry.Take(node);
        var open = new Open(content, entry.TakeName(place.Directory, place.Name), request, type, granted);
        content.Opens.Add(open);
        open.Link.Opens++;
        open.Persist(request.Persistent);
        Grant(open, others);
        content.Recount();
        return new Admission(open, null, null);
    }

    /// <summary>Reservations of NLM stand against opens that are for data.</summary>
    private bool IsReserved(NodeId node, AccessMask granted)
    {
        var accessed = SharingRules.Accessed(granted);
        return accessed != ShareAccess.None
            && table.Tree.Locks.Nodes.DeniesOpen(node, accessed, SharingRules.Shared(request.Share));
    }

    private bool MayUseKey(NodeId node) =>
        request.Caching.Level != OplockLevel.Lease
        || table.FindLease(request.Client, request.Caching.Key) is not { } known
        || known.Content.Node == node;

    private void Grant(Open open, in Others others)
    {
        var asked = request.Caching;
        var content = open.Content;
        if (asked.Level == OplockLevel.None) return;

        // Directories have leases of the second kind only (MS-SMB2 3.3.5.9.11); an oplock on one makes Windows hang.
        if (open.IsDirectory && asked.Version < 2) return;

        var granted = table.Tree.Locks.Nodes.ForbidsCaching(content.Node)
            ? LeaseState.None
            : CachingRules.Granted(content, asked, others, open.IsDirectory);
        if (asked.Level != OplockLevel.Lease)
        {
            open.Grant(CachingRules.LevelOf(granted));
            return;
        }

        var lease = content.Leases.Find(known => known.Key == asked.Key && known.Client == request.Client);
        if (lease is not null)
        {
            // Directories have no writing to cache, whatever is asked.
            lease.Upgrade(open.IsDirectory ? asked.State & ~LeaseState.Write : asked.State, granted);
        }
        else
        {
            lease = new Lease(content, request.Client, asked, granted);
            if (!table.TryRemember(lease)) return;
            content.Leases.Add(lease);
        }

        open.Grant(lease);
    }
}

/// <summary>An open, or why there is none, or what to wait for; nothing of these when it must be tried anew.</summary>
internal readonly record struct Admission(Open? Open, FileStatus? Refusal, Task? Wait)
{
    public static Admission Refused(FileStatus status) => new(null, status, null);
}
