using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;

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
        if (_session is not { } session || !session.TryNotify(Smb2Command.OplockBreak, body))
            lease.Acknowledge(LeaseState.None);
    }

    public void Closed(Open open)
    {
        if (TryEnd())
            Leave();
    }
}
