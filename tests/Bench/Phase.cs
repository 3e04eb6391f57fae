namespace Gateway.Bench;

/// <summary>A phase of the load, in the order they run.</summary>
internal enum Phase
{
    SequentialWrite,
    SequentialRead,
    RandomRead,
    RandomWriteSync,
    Create,
    SmallWriteSync,
    Lookup,
    GetAttr,
    SmallRead,
    Remove,
}

internal static class PhaseNames
{
    public static string Title(this Phase phase) => phase switch
    {
        Phase.SequentialWrite => "seq-write-1M + COMMIT",
        Phase.SequentialRead => "seq-read-1M",
        Phase.RandomRead => "rand-read-4K",
        Phase.RandomWriteSync => "rand-write-4K-sync",
        Phase.Create => "create",
        Phase.SmallWriteSync => "small-write-4K-sync",
        Phase.Lookup => "lookup",
        Phase.GetAttr => "getattr",
        Phase.SmallRead => "small-read-4K",
        _ => "remove",
    };

    public static string Unit(this Phase phase) =>
        phase is Phase.SequentialWrite or Phase.SequentialRead ? "MiB/s" : "op/s";
}
