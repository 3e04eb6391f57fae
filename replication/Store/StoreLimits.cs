using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

public static class StoreLimits
{
    /// <summary>
    /// Journal form of all changes of one mutation: what is left of an entry once a batch counts as full.
    /// </summary>
    public const int MutationBytesMax = 3 << 20;

    /// <summary>A batch is handed to the journal when it holds this much, if not earlier.</summary>
    public const int BatchBytes = 512 << 10;

    internal static void CheckChange(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool system)
    {
        if (key.IsEmpty || key.Length > RowLimits.KeyBytesMax)
            throw new ArgumentException($"A row key has 1 to {RowLimits.KeyBytesMax} bytes.", nameof(key));
        if (value.Length > RowLimits.ValueBytesMax)
            throw new ArgumentException($"A row value has at most {RowLimits.ValueBytesMax} bytes.", nameof(value));
        if (!system && SystemRows.IsSystem(key))
            throw new ArgumentException("Keys that begin with 0x00 belong to the store.", nameof(key));
    }
}
