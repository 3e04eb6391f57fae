using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>The space of a volume, as its nodes told last.</summary>
/// <remarks>Any thread reads; one asks.</remarks>
internal sealed class VolumeSpace(VolumePeers peers, SpilledSlices spilled)
{
    /// <summary>Taken to be free until enough nodes have told.</summary>
    private const long UnknownBytes = 1L << 30;

    private Told _told = new(new StoreSpace(UnknownBytes, UnknownBytes, UnknownBytes), 0);

    /// <summary>
    /// What was spilled since the nodes told is taken off: the journal must not fill up between two of their answers.
    /// </summary>
    public StoreSpace Current
    {
        get
        {
            var told = Volatile.Read(ref _told);
            var since = spilled.WrittenBytes - told.SpilledBytes;
            return since == 0 ? told.Space : told.Space with
            {
                FreeBytes = Math.Max(0, told.Space.FreeBytes - since),
                AvailableBytes = Math.Max(0, told.Space.AvailableBytes - since),
            };
        }
    }

    /// <summary>Asks the nodes, and takes their words.</summary>
    /// <param name="ask">Asks all of them.</param>
    public async Task UpdateAsync(Func<Task> ask)
    {
        var spilledBytes = spilled.WrittenBytes;
        await ask();
        if (NodeSpace.Decide(peers) is { } space) Volatile.Write(ref _told, new Told(space, spilledBytes));
    }

    private sealed record Told(StoreSpace Space, long SpilledBytes);
}
