using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>Opens files, directories and their streams for CREATE.</summary>
internal static class CreateFile
{
    public static async ValueTask<NtStatus> OpenAsync(CreateCall call)
    {
        // No volume has snapshots, so there are no files in them either.
        if (call.Contexts.Snapshot is not null)
            return NtStatus.ObjectNameNotFound;

        // A directory has no content that could be named; nor has content entries.
        if (call.Path.NamesData && (call.Options & CreateOptions.DirectoryFile) != 0)
            return NtStatus.NotADirectory;
        var status = CreateSettings.TryRead(call, out var descriptor, out var extendedAttributes);
        if (status != NtStatus.Success)
            return status;
        if (call.Contexts.AppInstanceId is { } instance)
            await CreateApplication.CloseFormerAsync(call, instance);
        var tree = call.Request.Tree;
        var persistent = await CreatePersistent.AskAsync(call);
        status = call.Request.Server.Opens.TryAdd(tree, out var added, persistent?.Id);
        if (added is not { } open)
            return status;
        var wait = new BreakWait(call.Request);
        var result = await CreateOutliving.OpenAsync(
            call,
            open,
            CreateTranslation.Describe(call, open, wait, descriptor, extendedAttributes) with { Persistent = persistent });
        if (result.Open is not { } file)
        {
            await open.CloseAsync();
            return wait.IsRefused ? wait.StatusOf(result.Status) : await CreateFailure.TellAsync(call, result);
        }

        if (await CreateAppleStream.IsUnsaidAsync(call, result))
        {
            await open.CloseAsync();
            await file.CloseAsync();
            return NtStatus.ObjectNameNotFound;
        }

        if (!open.TryConnect(file, (CreateAction)result.Action))
        {
            await file.CloseAsync();
            return NtStatus.FileClosed;
        }

        open.AppInstanceId = call.Contexts.AppInstanceId;
        open.Durable = CreateDurable.Grant(call, file);
        if (call.DurableV2 is { } durable && durable.CreateGuid != Guid.Empty)
            open.AwaitReplay(durable.CreateGuid);
        var attributes = await CreateSettings.AllocateAsync(call, result);
        CreateAnswer.Write(call, open, CreateAnswer.Of(call, open, file, attributes, result.MaximalAccess));
        call.Request.WhenAnswered(open.ReleaseBreaks);
        return NtStatus.Success;
    }
}
