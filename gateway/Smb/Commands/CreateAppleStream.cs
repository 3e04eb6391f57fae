using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Apple;

namespace Gateway.Smb.Commands;

/// <summary>CREATE of a stream that macOS keeps.</summary>
internal static class CreateAppleStream
{
    /// <summary>True when a stream that says nothing was opened by who does not want to make it: for him it is not there.</summary>
    public static async ValueTask<bool> IsUnsaidAsync(CreateCall call, OpenResult result)
    {
        if (result.Open is not { IsStream: true } file) return false;

        var share = call.Request.Tree.Share;
        AppleStreams.Opened(share, file);
        if (call.Disposition != CreateDisposition.Open) return false;

        var size = result.Attributes.Size;
        return (size == 0 && call.Request.Session.IsApple && file.StreamMayGo)
            || !await AppleStreams.IsShownAsync(share, file.Tree, file.Node, file.StreamName, size, file.Caller);
    }
}
