using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Opens;

// Tells the client what it may no longer cache (MS-SMB2 3.3.4.6 and 3.3.4.7).
internal sealed partial class SmbOpen : IOpenHolder
{
    /// <summary>Asked under locks of the file system, so without one of its own.</summary>
    public bool IsConnected => _state is State.Opening or State.Connected;

    public void BreakOplock(Open open, OplockLevel to)
    {
        Span<byte> body = stackalloc byte[OplockBreak.BodyBytes];
        new OplockBreak((Smb2OplockLevel)to, Id).Write(body);

        // A client that cannot be told has lost its cache with its connections.
        if (_session is not { } session || !session.TryNotify(Smb2Command.OplockBreak, body))
            open.AcknowledgeOplock(OplockLevel.None);
    }

    public void BreakLease(Lease lease, LeaseState from, LeaseState to, ushort epoch, bool acknowledge)
    {
        Span<byte> body = stackalloc byte[LeaseBreakNotification.BodyBytes];
        new LeaseBreakNotification(
            lease.Key,
            (Smb2LeaseState)from,
            (Smb2LeaseState)to,
            acknowledge ? Smb2LeaseFlags.AcknowledgementRequired : Smb2LeaseFlags.None,
            lease.Version == 1 ? (ushort)0 : epoch).Write(body);
        if (_session is not { } session || !TryTell(session, body)) lease.Acknowledge(LeaseState.None);
    }

    /// <summary>
    /// Leases are the client's, not of one of its sessions: Windows and Samba tell it on the first connection that it has, and
    /// clients expect all of them there. MS-SMB2 3.3.4.7 says no more than that a connection of the opens must be available.
    /// Only the user's own connections count, as anybody may call himself by the client's name.
    /// </summary>
    private static bool TryTell(SmbSession session, ReadOnlySpan<byte> body)
    {
        foreach (var own in session.Server.Sessions.OfClient(session.ClientGuid))
        {
            if (own.IsOfUser(session.User) && own.TryNotify(Smb2Command.OplockBreak, body)) return true;
        }

        return session.TryNotify(Smb2Command.OplockBreak, body);
    }

    public void Closed(Open open)
    {
        if (TryEnd())
            Leave();
    }
}
