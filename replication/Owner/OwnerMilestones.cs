namespace Gateway.Replication.Owner;

/// <summary>
/// When an owner had done the steps of becoming one (PROTOCOL §2.3), on its clock; 0 for those it has not. Written by the
/// owner's steps, read when they are over.
/// </summary>
internal sealed class OwnerMilestones
{
    public long StartedAt { get; set; }

    /// <summary>A majority has promised, and the best journal is known.</summary>
    public long FencedAt { get; private set; }

    /// <summary>The tail is here.</summary>
    public long RecoveredAt { get; private set; }

    /// <summary>The epoch's first entry is on a majority.</summary>
    public long EstablishedAt { get; set; }

    /// <summary>Nobody else can have a lease any more.</summary>
    public long LeadingAt { get; set; }

    public void NoteFenced(long now)
    {
        if (FencedAt == 0) FencedAt = now;
    }

    /// <summary>There may have been nothing to fetch.</summary>
    public void NoteRecovered(long now)
    {
        NoteFenced(now);
        RecoveredAt = now;
    }
}
