using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>
/// What macOS asks for by a FSCTL_SRV_COPYCHUNK without chunks, once AAPL has agreed on OSX_COPYFILE: the target gets the
/// content of the source and all its streams. Streams are opened for it, so that whoever has one of them open or cached is
/// asked as by any other client.
/// </summary>
internal sealed class AppleFileCopy(Open source, Open target)
{
    /// <summary>Cut first: the target shall have no more than the source.</summary>
    private static readonly AttributeChanges Empty = new() { Size = 0 };

    /// <summary>Called before it waits for others to give up what they cache of a stream.</summary>
    public Action? Pending { get; init; }

    /// <summary>Gives the length of the main content.</summary>
    public async ValueTask<(NtStatus Status, long Bytes)> RunAsync(CancellationToken cancellation)
    {
        var (status, bytes) = await CopyAsync(source, target, cancellation);
        if (status == NtStatus.Success) status = await CopyStreamsAsync(cancellation);
        return (status, bytes);
    }

    private async ValueTask<NtStatus> CopyStreamsAsync(CancellationToken cancellation)
    {
        var listed = await source.Tree.ListStreamsAsync(source.File, cancellation);
        if (listed.Status != FileStatus.Ok) return listed.Status.ToNtStatus();

        foreach (var stream in listed.Streams)
        {
            var status = await CopyStreamAsync(stream.Name, cancellation);
            if (status != NtStatus.Success) return status;
        }

        return NtStatus.Success;
    }

    private async ValueTask<NtStatus> CopyStreamAsync(ReadOnlyMemory<byte> name, CancellationToken cancellation)
    {
        var read = await source.OpenStreamAsync(
            name, AccessMask.ReadData, OpenDisposition.Open, Pending, cancellation);

        // It has gone since it was listed.
        if (read.Status == FileStatus.NoEntry) return NtStatus.Success;
        if (read.Open is not { } from) return read.Status.ToNtStatus();
        try
        {
            // To macOS there is no stream without content: none is made for it.
            var isEmpty = read.Attributes.Size == 0;
            var written = await target.OpenStreamAsync(
                name, AccessMask.WriteData, isEmpty ? OpenDisposition.Open : OpenDisposition.OpenIf, Pending, cancellation);
            if (isEmpty && written.Status == FileStatus.NoEntry) return NtStatus.Success;
            if (written.Open is not { } to) return written.Status.ToNtStatus();
            try
            {
                return (await CopyAsync(from, to, cancellation)).Status;
            }
            finally
            {
                await to.CloseAsync();
            }
        }
        finally
        {
            await from.CloseAsync();
        }
    }

    private static async ValueTask<(NtStatus Status, long Bytes)> CopyAsync(
        Open from, Open to, CancellationToken cancellation)
    {
        var described = await from.GetAttributesAsync(cancellation);
        if (described.Status != FileStatus.Ok) return (described.Status.ToNtStatus(), 0);

        var size = described.Attributes.Size;
        if (!from.MayRead(0, size) || !to.MayWrite(0, long.MaxValue)) return (NtStatus.FileLockConflict, 0);

        var copy = new ServerCopy(from, to);
        var status = (await to.SetAttributesAsync(Empty, cancellation)).ToNtStatus();
        if (status == NtStatus.Success && size > 0) status = await copy.CopyAsync(0, 0, size);
        if (status == NtStatus.Success) status = await copy.FlushAsync();
        return (status, size);
    }
}
