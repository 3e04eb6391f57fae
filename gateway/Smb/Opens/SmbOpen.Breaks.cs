using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Opens;

// Tells the client what it may no longer cache (MS-SMB2 3.3.4.6 and 3.3.4.7).
internal sealed partial class SmbOpen : IOpenHolder
{
    private readonly HeldBreaks _breaks = new();

    /// <summary>Asked under locks of the file system, so without one of its own.</summary>
    public bool IsConnected => _state is State.Opening or State.Connected;

    public void BreakOplock(Open open, OplockLevel to)
    {
        var body = new byte[OplockBreak.BodyBytes];
        new OplockBreak((Smb2OplockLevel)to, Id).Write(body);
        var delivery = new BreakDelivery(
            Tree.Session.Server, OwnWays, body, () => open.OplockBreaking, () => GiveUp(open));
        _breaks.Send(delivery.Send);
    }

    public void BreakLease(Lease lease, LeaseState from, LeaseState to, ushort epoch, bool acknowledge)
    {
        var body = new byte[LeaseBreakNotification.BodyBytes];
        new LeaseBreakNotification(
            lease.Key,
            (Smb2LeaseState)from,
            (Smb2LeaseState)to,
            acknowledge ? Smb2LeaseFlags.AcknowledgementRequired : Smb2LeaseFlags.None,
            lease.Version == 1 ? (ushort)0 : epoch).Write(body);
        var delivery = new BreakDelivery(
            Tree.Session.Server, WaysOfClient, body, () => acknowledge && lease.Breaking, () => GiveUp(lease));
        _breaks.Send(delivery.Send);
    }

    /// <summary>The CREATE has been answered, or its message waits for something: breaks may be sent from now on.</summary>
    internal void ReleaseBreaks() => _breaks.Release();

    /// <summary>
    /// Leases are the client's, not of one of its sessions: Windows and Samba tell it on the first connection that it has, and
    /// clients expect all of them there. MS-SMB2 3.3.4.7 says no more than that a connection of the opens must be available.
    /// Only the user's own connections count, as anybody may call himself by the client's name.
    /// </summary>
    private IEnumerable<(SmbSession Session, SmbConnection Connection)> WaysOfClient() =>
        _session is { } session
            ? session.Server.Sessions.OfClient(session.ClientGuid).Where(own => own.IsOfUser(session.User)).SelectMany(Ways)
                .Concat(Ways(session))
            : [];

    private IEnumerable<(SmbSession Session, SmbConnection Connection)> OwnWays() => _session is { } session ? Ways(session) : [];

    private static IEnumerable<(SmbSession Session, SmbConnection Connection)> Ways(SmbSession session) =>
        session.Channels.Select(channel => (session, channel.Connection));

    // A client that cannot be told has lost what it cached with its connections, but for what waits for it.
    private void GiveUp(Open open)
    {
        if (!IsPersistent)
            open.AcknowledgeOplock(OplockLevel.None);
    }

    private void GiveUp(Lease lease)
    {
        if (!IsPersistent)
            lease.Acknowledge(LeaseState.None);
    }

    public void Closed(Open open)
    {
        if (TryEnd())
            Leave();
    }
}
