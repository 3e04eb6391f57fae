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
}
