namespace Gateway.FileSystem.Data;

internal sealed partial class WriteBack
{
    /// <summary>
    /// Pins what the buffers have of the range, oldest first, into <paramref name="pieces"/>; later pieces win. Take it
    /// before the snapshot, and see <see cref="IsCurrent"/> after.
    /// </summary>
    public DirtyView View(ulong number, long offset, int length, List<BufferedPiece> pieces)
    {
        if (!HasAny || !_files.TryGetValue(number, out var file)) return default;
        lock (file.Sync)
        {
            foreach (var buffer in file.Buffers) Collect(buffer, offset, offset + length, pieces);
            return new DirtyView(file, file.End, file.Resets);
        }
    }

    /// <summary>
    /// False when size or times were set since the view was taken: it must not be mixed with newer rows.
    /// </summary>
    public static bool IsCurrent(in DirtyView view)
    {
        if (view.File is null) return true;
        lock (view.File.Sync) return view.File.Resets == view.Resets;
    }

    public void Unpin(List<BufferedPiece> pieces)
    {
        foreach (var piece in pieces) Return(piece.Buffer);
        pieces.Clear();
    }

    private static void Collect(WriteBuffer buffer, long from, long to, List<BufferedPiece> pieces)
    {
        var fragments = buffer.Fragments;
        for (var i = fragments.FirstAfter(from); i < fragments.Count && fragments[i].Start < to; i++)
        {
            var start = Math.Max(from, fragments[i].Start);
            var end = Math.Min(to, fragments[i].End);
            buffer.Pin();
            pieces.Add(new BufferedPiece(
                buffer, fragments[i].Offset + (int)(start - fragments[i].Start), start, (int)(end - start)));
        }
    }
}

/// <summary>A pinned piece of a buffer and its place in the file.</summary>
internal readonly record struct BufferedPiece(WriteBuffer Buffer, int BufferOffset, long Start, int Length);

/// <summary>What a reader saw of a file's buffers.</summary>
internal readonly record struct DirtyView(DirtyFile? File, long End, int Resets);
