using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

public sealed partial class Open
{
    /// <summary>
    /// Opens a stream of the same file on behalf of who has this open: with the rights asked for, as they were checked
    /// here, sharing everything and caching nothing. NoEntry also when this open's name leads to another file by now.
    /// </summary>
    /// <param name="pending">Called once, before it waits for others to give up their caching.</param>
    public async ValueTask<OpenResult> OpenStreamAsync(
        ReadOnlyMemory<byte> name, AccessMask access, OpenDisposition disposition, Action? pending = null,
        CancellationToken cancellation = default)
    {
        var place = _name.Place;
        var result = await Content.Table.OpenAsync(
            new OpenRequest
            {
                Root = place.Directory,
                Path = place.Name.Length == 0 ? [] : [place.Name],
                Stream = name,
                Access = access,
                Maximal = access,
                Share = ShareModes.All,
                Disposition = disposition,
                Token = Token,
                Client = Client,
                Holder = Holder,
                Pending = pending,
            },
            cancellation);
        if (result.Open is not { } opened || opened.File == File) return result;

        await opened.CloseAsync();
        return new OpenResult(FileStatus.NoEntry);
    }

    /// <summary>The stream may go with its last open: <see cref="KeepStreamIf"/>.</summary>
    public bool StreamMayGo
    {
        get
        {
            lock (Content.Sync) return Content.IsKept is not null;
        }
    }

    /// <summary>
    /// Has the stream go with its last open unless it is to be kept then. That is asked of the last open, whichever it is,
    /// when nobody else can come by the stream any more; it must not throw.
    /// </summary>
    public void KeepStreamIf(Func<Open, ValueTask<bool>> isKept)
    {
        if (!IsStream) return;
        lock (Content.Sync) Content.IsKept = isKept;
    }
}
