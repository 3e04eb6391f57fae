using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

internal sealed partial class OpenAttempt
{
    /// <summary>
    /// Opens a content that exists. The open is in the table before it is looked whether the name still leads there:
    /// from then on a removal sees it.
    /// </summary>
    private async ValueTask<Step> TakeAsync(
        NodeAttributes file, NodeAttributes content, Place place, CancellationToken cancellation)
    {
        var (status, maximal) = await OpenRights.MaximalAsync(
            Tree, request, file, place.Name.Length == 0 ? null : place.Directory, cancellation);
        if (status == FileStatus.Stale) return Step.Again;

        AccessMask granted = default;
        if (status == FileStatus.Ok) status = OpenRights.Grant(request, maximal, out granted);
        var overwrites = OpenRights.Overwrites(request.Disposition);
        if (status == FileStatus.Ok && overwrites && !HasRoom(content.Used)) status = FileStatus.NoSpace;
        if (status != FileStatus.Ok) return new OpenResult(status);

        var entered = await EnterAsync(file, content.Node, place, granted);
        if (entered.Open is not { } open) return StepOf(entered);

        if (!IsThere(open, place))
        {
            open.Revoke();
            return Step.Again;
        }

        var action = OpenAction.Opened;
        if (overwrites)
        {
            var replaces = request.Disposition == OpenDisposition.Supersede;
            action = replaces ? OpenAction.Superseded : OpenAction.Overwritten;
            status = await OverwriteAsync(open, cancellation);
        }

        // Not before the file is what the answer says.
        open.Action = action;
        if (status == FileStatus.Ok && open.Content.File.IsChanged)
            status = FileTree.StatusOf(await table.RecordAsync(open.Content.File));
        return await FinishAsync(open, action, maximal, status, cancellation);
    }

    private ValueTask<Admission> EnterAsync(
        NodeAttributes file, NodeId content, Place place, AccessMask granted) =>
        new OpenAdmission(table, request, _waited).EnterAsync(file, content, place, granted);

    private static Step StepOf(Admission admission) =>
        admission.Wait is { } wait ? Step.After(wait)
        : admission.Refusal is { } refusal ? new OpenResult(refusal)
        : Step.Again;

    private bool IsThere(Open open, Place place) =>
        place.Name.Length == 0
            ? Tree.Exists(open.File)
            : Tree.IsNamed(place.Directory, place.Name, open.File) && (!open.IsStream || Tree.Exists(open.Node));

    /// <summary>
    /// Content, extended attributes and streams go, but streams that somebody has open: they cannot be taken from under
    /// him. What was cached of the content was broken when the open was admitted.
    /// </summary>
    private async ValueTask<FileStatus> OverwriteAsync(Open open, CancellationToken cancellation)
    {
        if (open.IsStream) return await open.SetAttributesAsync(new AttributeChanges { Size = 0 }, cancellation);

        NodeId[] kept;
        lock (open.Content.Sync)
        {
            kept = [.. open.Content.File.Contents.Where(content => content.IsStream).Select(content => content.Node)];
        }

        var replaced = await Tree.ReplaceAsync(
            new ReplaceRequest
            {
                Node = open.File,
                Dos = request.Attributes | DosAttributes.Archive,
                ExtendedAttributes = request.ExtendedAttributes,
                KeptStreams = kept,
            },
            open.Caller,
            cancellation);
        if (replaced.Status != FileStatus.Ok) return replaced.Status;

        open.ShowWriteTime();
        table.BreakDirectory(open.Directory, open);
        return FileStatus.Ok;
    }

    private static async ValueTask<Step> FinishAsync(
        Open open, OpenAction action, AccessMask maximal, FileStatus status, CancellationToken cancellation)
    {
        AttributesResult attributes = default;
        if (status == FileStatus.Ok)
        {
            attributes = await open.GetAttributesAsync(cancellation);
            status = attributes.Status;
        }

        if (status == FileStatus.Ok)
        {
            return new OpenResult(FileStatus.Ok)
            {
                Open = open,
                Action = action,
                Attributes = attributes.Attributes,
                MaximalAccess = maximal,
            };
        }

        open.Revoke();
        return new OpenResult(status);
    }
}
