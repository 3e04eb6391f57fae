namespace Gateway.Simulation.Cluster;

/// <summary>
/// What differs from seed to seed ("swarm"): a run with few kinds of faults goes deeper into each than one with all.
/// Durations in nanoseconds.
/// </summary>
internal sealed class Knobs
{
    public const long Millisecond = 1_000_000;

    public Knobs(Random random)
    {
        Members = Pick(random, 1, 2, 3, 3, 3, 3, 3, 5, 5);
        Changes = Members < 3 || random.Next(2) == 0;
        Spares = Changes ? 1 + random.Next(3) : 0;
        Witnesses = Members >= 3 && random.Next(4) == 0 ? Members / 2 : 0;
        Restores = Changes && random.Next(2) == 0;
        LossOneIn = Pick(random, 8, 20, 40, 200);
        DuplicateOneIn = Pick(random, 10, 50, 1000);
        DelayOneIn = Pick(random, 10, 30, 100);
        SlowFlushOneIn = Pick(random, 10, 25, 100);
        FailFlushOneIn = Pick(random, 150, 400, int.MaxValue);
        FaultGap = Pick(random, 15, 40, 60, 120) * Millisecond * (Changes ? Pick(random, 1, 3) : 1);
        PartitionLength = Pick(random, 60, 150, 400) * Millisecond;
        AppendEntriesMax = 1 + random.Next(8);
        FetchBytesMax = Pick(random, 30, 100, 400, 4000);
        RingBytesMax = Pick(random, 0, 100, 1_000, 1_000_000);
        InFlightBytesMax = Pick(random, 10, 100, 10_000);
        CheckpointOneIn = Pick(random, 15, 60, int.MaxValue);
        WipeOneIn = Pick(random, 8, 14, int.MaxValue);
        RotOneIn = Pick(random, 5, 8, int.MaxValue);
        FullOneIn = Pick(random, 1, 4);
        HandOver = random.Next(3) == 0;
        Burst = Pick(random, 1, 1, 4, 12);
    }

    /// <summary>Members at the start.</summary>
    public int Members { get; }

    /// <summary>Nodes that may become members.</summary>
    public int Spares { get; }

    /// <summary>How many of the members at the start take no slices.</summary>
    public int Witnesses { get; }

    /// <summary>The membership changes.</summary>
    public bool Changes { get; }

    /// <summary>The control plane is restored from an old backup now and then.</summary>
    public bool Restores { get; }

    public int LossOneIn { get; }

    public int DuplicateOneIn { get; }

    public int DelayOneIn { get; }

    public int SlowFlushOneIn { get; }

    public int FailFlushOneIn { get; }

    public long FaultGap { get; }

    public long PartitionLength { get; }

    public int AppendEntriesMax { get; }

    public int FetchBytesMax { get; }

    public int RingBytesMax { get; }

    public int InFlightBytesMax { get; }

    public int CheckpointOneIn { get; }

    public int WipeOneIn { get; }

    public int RotOneIn { get; }

    public int FullOneIn { get; }

    public bool HandOver { get; }

    /// <summary>Most writes that a client sends at once.</summary>
    public int Burst { get; }

    private static int Pick(Random random, params ReadOnlySpan<int> values) => values[random.Next(values.Length)];
}
