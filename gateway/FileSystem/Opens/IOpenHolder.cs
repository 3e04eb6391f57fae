namespace Gateway.FileSystem.Opens;

/// <summary>
/// Who holds opens: tells its client of breaks. Called from any thread, never under a lock of the table; must return
/// quickly and not throw.
/// </summary>
public interface IOpenHolder
{
    /// <summary>False while the client of a durable open is away: a break then ends the open.</summary>
    bool IsConnected { get; }

    /// <summary>MS-SMB2 3.3.4.6. To none from level II expects no acknowledgement.</summary>
    void BreakOplock(Open open, OplockLevel to);

    /// <summary>MS-SMB2 3.3.4.7. The epoch is the one after this break.</summary>
    void BreakLease(Lease lease, LeaseState from, LeaseState to, ushort epoch, bool acknowledge);

    /// <summary>The table ended the open by itself: its client was away, or did not answer a break in time.</summary>
    void Closed(Open open);
}
