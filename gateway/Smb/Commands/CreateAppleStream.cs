using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Apple;

namespace Gateway.Smb.Commands;

/// <summary>CREATE of a stream that macOS keeps.</summary>
internal static class CreateAppleStream
{
    /// <summary>True when a stream that says nothing was opened by who does not want to make it: for him it is not there.</summary>
    public static async ValueTask<bool> IsUnsaidAsync(CreateCall call, OpenResult result) =>
        result.Open is { IsStream: true } file
        && call.Disposition == CreateDisposition.Open
        && !await AppleStreams.IsShownAsync(
            call.Request.Tree.Share, file.Tree, file.Node, file.StreamName, result.Attributes.Size, file.Caller);
}
