using Gateway.FileSystem;

namespace Gateway.Smb;

// What it means to clients that a volume goes to another gateway.
internal sealed partial class SmbServer
{
    /// <summary>
    /// The volume is no longer served here: its shares are gone, sessions that use it end with their connections, and nothing
    /// of it stays open. Clients reconnect to where it is by then.
    /// </summary>
    public async ValueTask EndVolumeAsync(FileTree volume)
    {
        Shares.Remove(volume);
        foreach (var session in Sessions.All.Where(session => session.Trees.HasAny(volume)).ToList())
        {
            // First nothing is answered any more, then the opens are closed, whatever that still does.
            foreach (var channel in session.Channels) channel.Connection.Abort();
            await EndSessionAsync(session, keepsDurable: false);
        }

        await Opens.EndAsync(volume);
    }
}
