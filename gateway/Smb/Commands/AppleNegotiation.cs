using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>The create context AAPL: what macOS wants to know of the server, once for each session.</summary>
internal static class AppleNegotiation
{
    /// <summary>Chooses a server's icon in the Finder.</summary>
    private const string Model = "MacSamba";

    /// <summary>
    /// From here on the session's listings carry what the Finder would otherwise ask for each file by itself. FLUSH
    /// reaches a majority of disks, which is what Time Machine asks of a volume that it offers for backups.
    /// </summary>
    public static AppleAnswer? Answer(CreateCall call)
    {
        if (call.Contexts.Apple is not { } query || !call.Request.Tree.Share.IsApple)
            return null;
        call.Request.Session.IsApple = true;
        var server = AppleCapabilities.UnixBased
            | AppleCapabilities.CopyFile
            | AppleCapabilities.NfsAccessControlEntries;
        var wantsServer = (query.Bitmap & AppleBitmap.ServerCapabilities) != 0;
        if (wantsServer && (query.Client & AppleCapabilities.ReadDirectoryAttributes) != 0)
        {
            server |= AppleCapabilities.ReadDirectoryAttributes;
            call.Request.Session.ReadsAppleAttributes = true;
        }

        return new AppleAnswer
        {
            Bitmap = query.Bitmap
                & (AppleBitmap.ServerCapabilities | AppleBitmap.VolumeCapabilities | AppleBitmap.ModelInfo),
            Server = server,
            Volume = call.Request.Tree.Share.IsTimeMachine ? AppleVolumeCapabilities.FullSync : AppleVolumeCapabilities.None,
            Model = Model,
        };
    }
}
