using Gateway.FileSystem;
using Gateway.Smb.Trees;
using Gateway.Telemetry;

namespace Gateway.Smb;

// What it means to clients that a volume comes, or goes to another gateway, and that other things are shared.
internal sealed partial class SmbServer
{
    private volatile bool _offersPersistent = options.OffersPersistent;

    /// <summary>Clients that connect from now on may ask for persistent handles: there is a share that has them.</summary>
    public bool OffersPersistent
    {
        get => _offersPersistent;
        set => _offersPersistent = value;
    }

    /// <summary>
    /// From now on, these are the shares of the volumes that are served here. Trees of shares that have ended are gone for
    /// their clients, and everything that is open by them is closed, persistent or not (MS-SMB2 3.3.4.15); sessions stay.
    /// </summary>
    /// <param name="shares">All that there are.</param>
    /// <param name="ended">
    /// Names, case ignored, of those that are no more, or are not any more what clients have connected to.
    /// </param>
    public async ValueTask ReplaceSharesAsync(IReadOnlyList<Share> shares, IReadOnlySet<string> ended)
    {
        Shares.Replace(shares);
        if (ended.Count == 0) return;

        foreach (var tree in Sessions.All.SelectMany(session => session.Trees.Of(ended)).ToList())
        {
            if (!tree.Session.Trees.TryRemove(tree)) continue;

            tree.Disconnect();
            await CloseAsync(tree.Share.Name, () => Opens.EndAsync(tree));
        }

        await CloseAsync(string.Join(", ", ended), () => Opens.EndAwayAsync(ended));
    }

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

    // Nothing is let in by then; and what is not closed now is with its volume.
    private async ValueTask CloseAsync(string shares, Func<ValueTask> close)
    {
        try
        {
            await close();
        }
        catch (Exception error)
        {
            Logger.ShareEndFailed(error, shares);
        }
    }
}
