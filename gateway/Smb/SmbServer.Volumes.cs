using Gateway.FileSystem;
using Gateway.Smb.Trees;

namespace Gateway.Smb;

// What it means to clients that a volume comes, or goes to another gateway.
internal sealed partial class SmbServer
{
    /// <summary>
    /// A volume is served here from now on, by these shares. The persistent opens that it has from earlier epochs are there
    /// for their clients before anybody can ask for them; those of a share that is no more, or is not continuous any more, end
    /// with their time.
    /// </summary>
    public void OpenVolume(FileTree volume, IReadOnlyList<Share> shares)
    {
        foreach (var open in volume.Opens.Absent)
        {
            var grant = open.Persistent!;
            var share = shares.FirstOrDefault(share => share.Name.Equals(grant.Share, StringComparison.OrdinalIgnoreCase));
            if (share is { IsContinuous: true }) Opens.Adopt(open, grant, share);
        }

        Shares.Add(shares);
    }

    /// <summary>
    /// The volume is no longer served here: its shares are gone, sessions that use it end with their connections, and nothing
    /// of it stays open but what is persistent. Clients reconnect to where it is by then.
    /// </summary>
    public async ValueTask EndVolumeAsync(FileTree volume)
    {
        Shares.Remove(volume);
        foreach (var session in Sessions.All.Where(session => session.Trees.HasAny(volume)).ToList())
        {
            // First nothing is answered any more, then the opens are closed, whatever that still does.
            foreach (var channel in session.Channels) channel.Connection.Abort();
            await EndSessionAsync(session, keepsDurable: true);
        }

        await Opens.EndAsync(volume);
    }
}
