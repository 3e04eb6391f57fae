using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

public sealed partial class Open
{
    /// <summary>
    /// Marks the name, or the stream, to go with its last open, or takes that back (MS-FSA 2.1.5.14.3). CannotDelete
    /// for read-only files, NotEmpty for directories with entries. Waits until others closed what they only cached; Closed
    /// when the open ended meanwhile, Cancelled when that was given up.
    /// </summary>
    /// <param name="goes">False takes it back.</param>
    /// <param name="pending">Called before it waits.</param>
    public async ValueTask<FileStatus> SetDeletePendingAsync(
        bool goes, Action? pending = null, CancellationToken cancellation = default)
    {
        if (!goes) return await DoomAsync(false);

        if (Name.IsEmpty && !IsStream) return FileStatus.AccessDenied;
        var attributes = await Tree.GetAttributesAsync(File, cancellation);
        if (attributes.Status != FileStatus.Ok) return attributes.Status;
        if ((attributes.Attributes.Dos & DosAttributes.ReadOnly) != 0) return FileStatus.CannotDelete;
        if (IsDirectory && !Tree.IsEmptyDirectory(File)) return FileStatus.NotEmpty;

        var status = await Content.Table.YieldHandlesAsync(this, pending, cancellation);
        return status == FileStatus.Ok ? await DoomAsync(true) : status;
    }

    /// <summary>
    /// Renames the file (MS-FSA 2.1.5.14.11); for a stream see <see cref="RenameStreamAsync"/>. Exists unless
    /// <paramref name="replace"/>; AccessDenied when the target is a directory or read-only, or open by somebody who
    /// does not share its deletion, or when there are opens below a directory; SharingViolation while somebody has a
    /// directory concerned open to delete it. With <paramref name="posix"/> opens below a directory go along with it.
    /// Waits for others as <see cref="SetDeletePendingAsync"/> does, at the file and at what is replaced.
    /// </summary>
    public ValueTask<FileStatus> RenameAsync(
        NodeId toDirectory, ReadOnlyMemory<byte> name, bool replace, bool posix = false, Action? pending = null,
        CancellationToken cancellation = default) =>
        new NameChange(this, toDirectory, name, replace) { Pending = pending }.RenameAsync(posix, cancellation);

    /// <summary>Gives the file a further name (MS-FSA 2.1.5.14.6), under the rules of <see cref="RenameAsync"/>.</summary>
    public ValueTask<FileStatus> LinkAsync(
        NodeId toDirectory, ReadOnlyMemory<byte> name, bool replace, Action? pending = null,
        CancellationToken cancellation = default) =>
        new NameChange(this, toDirectory, name, replace) { Pending = pending }.LinkAsync(cancellation);

    /// <summary>Renames the stream that is open; waits as <see cref="SetDeletePendingAsync"/> does.</summary>
    public async ValueTask<FileStatus> RenameStreamAsync(
        ReadOnlyMemory<byte> name, bool replace, Action? pending = null, CancellationToken cancellation = default)
    {
        if (!IsStream) return FileStatus.InvalidArgument;

        var status = await Content.Table.YieldHandlesAsync(this, pending, cancellation);
        if (status != FileStatus.Ok) return status;
        var result = await Tree.RenameStreamAsync(File, StreamName, name, replace, Caller, cancellation);
        if (result.Status == FileStatus.Ok) StreamName = name;
        return result.Status;
    }

    /// <summary>
    /// Ends the open; what it locked is free. With its last open a name or stream marked so is removed, before this
    /// returns. Further calls do nothing. Unavailable when a persistent open may be there again for whoever opens the
    /// volume next.
    /// </summary>
    public async ValueTask<FileStatus> CloseAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return FileStatus.Ok;
        await SettleWriteTimeAsync();

        var dooms = DeleteOnClose && MayGo();
        var (leaving, status) = await DepartAsync(dooms);
        if (dooms && IsDirectory) Tree.Watches.Doom(File);
        if (leaving is { TakesStream: true, TakesName: false }) status = await RemoveStreamAsync(leaving.IsKept);
        if (leaving.TakesName) status = await RemoveNameAsync();
        else if (_modified) Content.Table.BreakDirectory(Directory, this);

        lock (Content.Sync) EndDeparture(leaving);
        leaving.Removal?.SetResult();
        Content.Table.Left(this);

        // Another protocol may have taken its last name meanwhile.
        await Tree.EndUnnamedAsync(File);
        return IsPersistent && status == FileStatus.Unavailable ? FileStatus.Unavailable : FileStatus.Ok;
    }

    internal void MoveTo(NodeId directory, byte[] name)
    {
        lock (Content.Sync) _name.Place = new Place(directory, name);
    }

    /// <summary>Its stream is called otherwise. Under the lock.</summary>
    internal void RenameTo(ReadOnlyMemory<byte> stream)
    {
        StreamName = stream;
        NoteChange();
    }

    /// <summary>Leaves the others; nobody may come by what it takes along until that is gone. Under the lock.</summary>
    private Departure Depart(bool dooms)
    {
        Detach();
        if (dooms) Doom(true);
        var isLast = IsStream && Content.Opens.Count == 0;
        var isKept = isLast && !Content.DeletePending ? Content.IsKept : null;
        if (isKept is not null) Content.DeletePending = true;
        var takesStream = isLast && Content.DeletePending;
        var takesName = _name.DeletePending && _name.Opens == 0;
        Content.Uses++;
        _name.Opens++;
        if (!takesStream && !takesName) return default;

        var removal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (takesStream) Content.Removal = removal.Task;
        if (takesName) _name.Removal = removal.Task;
        return new Departure(takesStream, takesName, removal, isKept);
    }

    private void EndDeparture(in Departure leaving)
    {
        Content.Uses--;
        _name.Opens--;
        if (leaving.TakesStream) (Content.DeletePending, Content.Removal) = (false, null);
        if (leaving.TakesName) (_name.DeletePending, _name.Removal) = (false, null);
    }

    /// <summary>
    /// Leaves the others. What a persistent open did to them is durable with it, and its rows are gone, but when it takes
    /// something along: then they go with that.
    /// </summary>
    private async ValueTask<(Departure Leaving, FileStatus Status)> DepartAsync(bool dooms)
    {
        if (Content.File.PersistentOpens == 0)
        {
            lock (Content.Sync) return (Depart(dooms), FileStatus.Ok);
        }

        Departure? leaving = null;
        var outcome = await Content.Table.RecordAsync(Content.File, rows =>
        {
            var departed = Depart(dooms);
            if (departed is { TakesStream: false, TakesName: false }) Erase(rows);
            leaving = departed;
        });
        lock (Content.Sync) leaving ??= Depart(dooms);
        return (leaving.Value, FileTree.StatusOf(outcome));
    }

    private async ValueTask<FileStatus> RemoveStreamAsync(Func<Open, ValueTask<bool>>? isKept)
    {
        if (isKept is null || !await isKept(this))
            return (await Tree.RemoveStreamAsync(File, StreamName, Node, Caller, IsPersistent ? this : null)).Status;
        return IsPersistent ? FileTree.StatusOf(await Content.Table.RecordAsync(Content.File, Erase)) : FileStatus.Ok;
    }

    private async ValueTask<FileStatus> RemoveNameAsync()
    {
        var place = _name.Place;
        var removed = await Tree.RemoveAsync(place.Directory, place.Name, File, Caller, IsPersistent ? this : null);
        if (removed.Status == FileStatus.Ok && Type == NodeType.File) Tree.Tunnel.Keep(place.Directory, place.Name);
        Content.Table.BreakDirectory(place.Directory, this);
        return removed.Status;
    }

    /// <summary>Durable before it is Ok when a persistent open has the file.</summary>
    private async ValueTask<FileStatus> DoomAsync(bool goes)
    {
        var status = FileStatus.Unavailable;
        if (Content.File.PersistentOpens == 0)
        {
            lock (Content.Sync) status = TryDoom(goes);
        }
        else
        {
            var outcome = await Content.Table.RecordAsync(Content.File, _ => status = TryDoom(goes));
            if (outcome != StoreOutcome.Ok) return FileTree.StatusOf(outcome);
        }

        if (status == FileStatus.Ok && goes && IsDirectory) Tree.Watches.Doom(File);
        return status;
    }

    private FileStatus TryDoom(bool goes)
    {
        // The name may have other opens, whose close would remove it.
        if (IsClosed) return FileStatus.Closed;

        Doom(goes);
        return FileStatus.Ok;
    }

    private void Doom(bool goes)
    {
        if (IsStream) Content.DeletePending = goes;
        else _name.DeletePending = goes;
        Content.File.NoteChange(open => IsStream ? open.Content == Content : open._name == _name);
    }

    /// <summary>A directory that got entries meanwhile stays.</summary>
    private bool MayGo() => !IsDirectory || Tree.IsEmptyDirectory(File);

    /// <summary>What goes with an open, and when it is gone.</summary>
    private readonly record struct Departure(
        bool TakesStream, bool TakesName, TaskCompletionSource? Removal, Func<Open, ValueTask<bool>>? IsKept);
}
