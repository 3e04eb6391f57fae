using Gateway.FileSystem.Opens;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>A CREATE that may go on when its connection ends, for the client to ask for it on another.</summary>
internal static class CreateOutliving
{
    /// <summary>What the end of the connection does not end, ends with the session, or the tree.</summary>
    public static async ValueTask<OpenResult> OpenAsync(CreateCall call, SmbOpen open, OpenRequest asked)
    {
        var opens = call.Request.Tree.Files.Opens;
        if (!call.Request.MayOutliveConnection) return await opens.OpenAsync(asked, call.Request.Aborted);

        var cancellation = call.Request.Cancellation;
        var giveUp = () => cancellation.Mark()?.Cancel();
        open.OnClosing(giveUp);
        try
        {
            return await opens.OpenAsync(asked, call.Request.Aborted);
        }
        finally
        {
            open.RemoveClosing(giveUp);
        }
    }
}
