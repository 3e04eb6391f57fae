namespace Gateway.Replication.Rows;

/// <summary>
/// Ordered rows (byte keys, byte values, compared as unsigned bytes): a materialised view of one volume's
/// journal, never the truth. What it holds can always be rebuilt from a checkpoint and the journal.
/// </summary>
/// <remarks>
/// Threading: one writer thread calls <see cref="Stage"/>, <see cref="Publish"/> and <see cref="Clear"/>; any number of
/// threads open snapshots. A snapshot never sees part of a batch. Keys are 1 to <see cref="RowLimits.KeyBytesMax"/>
/// bytes.
/// </remarks>
public interface IRowStore : IDisposable
{
    /// <summary>The journal position whose effects are all in the rows (staged ones too), and none after it.</summary>
    AppliedPosition Applied { get; }

    /// <summary>Number of rows, staged changes included.</summary>
    long Count { get; }

    /// <summary>Wrapping sum of <see cref="RowHash"/> over all rows, staged changes included.</summary>
    ulong SetHash { get; }

    /// <summary>Opens a consistent view of the rows as last published. Cheap: about a microsecond.</summary>
    /// <exception cref="InvalidOperationException"><see cref="RowLimits.SnapshotsMax"/> snapshots are open.</exception>
    IRowSnapshot OpenSnapshot();

    /// <summary>
    /// Applies the batch and the position. New snapshots see it, together with everything staged before, after
    /// <see cref="Publish"/>; a crash before that loses it whole.
    /// </summary>
    void Stage(RowBatchReader batch, in AppliedPosition position);

    /// <summary>Makes everything staged visible in one atomic step.</summary>
    void Publish();

    /// <summary>Drops all rows and the position: the state before the first journal entry. Publishes it.</summary>
    void Clear();
}

/// <summary>A consistent view of the rows. Not thread-safe; dispose it soon, it pins old pages.</summary>
public interface IRowSnapshot : IRowReader, IDisposable
{
    AppliedPosition Position { get; }

    /// <summary>Number of rows in the view.</summary>
    long Count { get; }

    /// <summary>Wrapping sum of <see cref="RowHash"/> over all rows of the view.</summary>
    ulong SetHash { get; }
}

/// <summary>Reads rows.</summary>
public interface IRowReader
{
    /// <summary>
    /// Finds one row. The value is a view that stays valid until the reader is disposed, or, inside a
    /// mutation, until the next change through the same context.
    /// </summary>
    bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    /// <summary>Opens a cursor before the first row; position it with <see cref="IRowCursor.Seek"/>.</summary>
    IRowCursor OpenCursor();
}

/// <summary>Walks rows in ascending key order. Key and Value are views, valid until the next move.</summary>
/// <remarks>
/// Inside a mutation the cursor follows the mutation's own changes: after any of them the next move continues behind
/// the key it stood on.
/// </remarks>
public interface IRowCursor : IDisposable
{
    ReadOnlySpan<byte> Key { get; }

    ReadOnlySpan<byte> Value { get; }

    /// <summary>Moves to the first row whose key is not less than <paramref name="key"/>; false at the end.</summary>
    bool Seek(ReadOnlySpan<byte> key);

    /// <summary>Moves to the next row, or to the first one when it was never positioned; false at the end.</summary>
    bool MoveNext();
}

/// <summary>How far the journal has been applied. Chain is the journal's chain at that index.</summary>
public readonly record struct AppliedPosition(ulong Index, ulong Epoch, ulong Chain);

public static class RowLimits
{
    /// <summary>LMDB's default limit is 511; a longest file name plus its prefix fits.</summary>
    public const int KeyBytesMax = 500;

    /// <summary>Inline data of one row stays within a journal record with room to spare.</summary>
    public const int ValueBytesMax = 1 << 20;

    /// <summary>Snapshots open at the same time on one store.</summary>
    public const int SnapshotsMax = 4096;
}

public static class RowStoreExtensions
{
    /// <summary>Applies the batch and the position in one atomic step.</summary>
    public static void Apply(this IRowStore store, RowBatchReader batch, in AppliedPosition position)
    {
        store.Stage(batch, position);
        store.Publish();
    }
}
