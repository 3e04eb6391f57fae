using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// One open on its way (MS-FSA 2.1.5.1). When it had to wait, or the names changed under it, it starts from the path
/// again: nothing it saw before counts then.
/// </summary>
[SuppressMessage(
    "Maintainability", "CA1506", Justification = "An open asks about everything that a file has.")]
internal sealed partial class OpenAttempt(OpenTable table, OpenRequest request)
{
    /// <summary>Times the names may change under an open before it is refused; waiting does not count.</summary>
    private const int RacesMax = 64;

    private const OpenOptions BothKinds = OpenOptions.Directory | OpenOptions.NonDirectory;

    private bool _waited;

    private FileTree Tree => table.Tree;

    private bool WantsStream => !request.Stream.IsEmpty;

    private bool Makes => request.Disposition is not (OpenDisposition.Open or OpenDisposition.Overwrite);

    public async ValueTask<OpenResult> RunAsync(CancellationToken cancellation)
    {
        var status = Check();
        if (status != FileStatus.Ok) return new OpenResult(status);

        for (var races = 0; races < RacesMax;)
        {
            cancellation.ThrowIfCancellationRequested();
            var step = await TryAsync(cancellation);
            if (step.Result is { } result) return result;
            if (step.Wait is { } wait)
            {
                if (!_waited) request.Pending?.Invoke();
                _waited = true;
                await wait.WaitAsync(cancellation);
            }
            else
            {
                races++;
            }
        }

        return new OpenResult(FileStatus.Unavailable);
    }

    /// <summary>What is wrong whatever the path leads to.</summary>
    private FileStatus Check()
    {
        var status = OpenRights.Check(request.Access, request.Token);
        if (status != FileStatus.Ok) return status;
        if ((request.Options & BothKinds) == BothKinds) return FileStatus.InvalidArgument;

        var wanted = AccessCheck.MapGeneric(request.Access);
        var deletes = (wanted & (AccessMask.Delete | AccessMask.MaximumAllowed)) != 0;
        if ((request.Options & OpenOptions.DeleteOnClose) != 0 && !deletes) return FileStatus.InvalidArgument;

        if ((request.Options & OpenOptions.Directory) == 0) return FileStatus.Ok;
        if (WantsStream) return FileStatus.NotDirectory;
        return OpenRights.Overwrites(request.Disposition) || (request.Attributes & DosAttributes.Temporary) != 0
            ? FileStatus.InvalidArgument
            : FileStatus.Ok;
    }

    private async ValueTask<Step> TryAsync(CancellationToken cancellation)
    {
        var walk = await Tree.WalkAsync(request.Root, request.Path, NameMatch.IgnoreCase, request.Token, cancellation);
        switch (walk.Status)
        {
            case FileStatus.Ok:
                return await MeetAsync(walk, cancellation);
            case FileStatus.NoEntry when Makes:
                return await MakeAsync(walk.Directory, cancellation);
            default:
                return new OpenResult(walk.Status)
                {
                    Attributes = walk.Attributes,
                    NamesLeft = request.Path.Count - walk.Walked,
                };
        }
    }

    /// <summary>The path leads to a node.</summary>
    private async ValueTask<Step> MeetAsync(WalkResult walk, CancellationToken cancellation)
    {
        var node = walk.Attributes;
        if (node.Type == NodeType.SymbolicLink && (request.Options & OpenOptions.OpenReparsePoint) == 0)
            return new OpenResult(FileStatus.StoppedOnSymbolicLink) { Attributes = node };

        var status = Suits(node);
        if (status != FileStatus.Ok) return new OpenResult(status);

        // A key is for one file; said before anything changes.
        var place = PlaceOf(walk);
        return WantsStream
            ? await MeetStreamAsync(walk, place, cancellation)
            : await TakeAsync(node, node, place, cancellation);
    }

    private async ValueTask<Step> MeetStreamAsync(WalkResult walk, Place place, CancellationToken cancellation)
    {
        var found = await Tree.FindStreamAsync(walk.Attributes.Node, request.Stream, cancellation);
        if (found.Status == FileStatus.Ok)
        {
            return request.Disposition == OpenDisposition.Create
                ? new OpenResult(FileStatus.Exists)
                : await TakeAsync(walk.Attributes, found.Attributes, place, cancellation);
        }

        if (found.Status != FileStatus.NoEntry || !Makes) return new OpenResult(found.Status);
        return await MakeStreamAsync(walk, place, cancellation);
    }

    /// <summary>Is it of the kind that was asked for, and may the disposition meet it?</summary>
    private FileStatus Suits(in NodeAttributes node)
    {
        var directory = node.Type == NodeType.Directory;
        if (!WantsStream)
        {
            if (request.Disposition == OpenDisposition.Create) return FileStatus.Exists;
            if (directory && (request.Options & OpenOptions.NonDirectory) != 0) return FileStatus.IsDirectory;
            if (!directory && (request.Options & OpenOptions.Directory) != 0) return FileStatus.NotDirectory;
            if (directory && OpenRights.Overwrites(request.Disposition)) return FileStatus.InvalidArgument;
        }

        var readOnly = (node.Dos & DosAttributes.ReadOnly) != 0;
        if (readOnly && (request.Options & OpenOptions.DeleteOnClose) != 0) return FileStatus.CannotDelete;
        if (!OpenRights.Overwrites(request.Disposition)) return FileStatus.Ok;

        // MS-FSA 2.1.5.1.2.1: hidden and system files are overwritten only by those who know that they are.
        var kept = node.Dos & (DosAttributes.Hidden | DosAttributes.System);
        return readOnly || (!WantsStream && (kept & ~request.Attributes) != 0) ? FileStatus.AccessDenied : FileStatus.Ok;
    }

    /// <summary>MS-SMB2 3.3.5.9.3: looked at before anything is changed for an open that would fail.</summary>
    private bool HasRoom(long freed) => request.AllocationBytes - freed <= Tree.AvailableBytes;

    private Place PlaceOf(WalkResult walk) =>
        walk.Names.Count == 0
            ? new Place(request.Root, [])
            : new Place(walk.Directory.Node, walk.Names[^1].ToArray());

    /// <summary>How an attempt ended: with a result, in waiting, or in a race that was lost.</summary>
    private readonly record struct Step(OpenResult? Result, Task? Wait)
    {
        public static Step Again => default;

        public static implicit operator Step(OpenResult result) => new(result, null);

        public static Step After(Task wait) => new(null, wait);
    }
}
