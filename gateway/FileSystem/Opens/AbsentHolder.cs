namespace Gateway.FileSystem.Opens;

/// <summary>Holds the persistent opens of an earlier epoch until a protocol takes them, or their time is over.</summary>
internal sealed class AbsentHolder : IOpenHolder
{
    public static AbsentHolder Instance { get; } = new();

    public bool IsConnected => false;

    public void BreakOplock(Open open, OplockLevel to)
    {
    }

    public void BreakLease(Lease lease, LeaseState from, LeaseState to, ushort epoch, bool acknowledge)
    {
    }

    public void Closed(Open open)
    {
    }
}
