using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// Written bytes of one file in order of arrival; full, or asked for, it becomes one slice. Guarded by the lock of its
/// <see cref="DirtyFile"/>; sealed, bytes and fragments do not change any more.
/// </summary>
internal sealed class WriteBuffer(byte[] bytes, int capacity)
{
    public const int SmallBytes = 64 << 10;
    public const int MediumBytes = 1 << 20;
    public const int LargeBytes = SliceLimits.BytesMax;

    private int _users = 1;

    public FragmentList Fragments { get; } = new();

    public int Capacity => capacity;

    public int Filled { get; private set; }

    public bool IsSealed { get; private set; }

    /// <summary>Sealed, and decided where it goes: into a slice, or into rows.</summary>
    public bool IsPlaced { get; set; }

    public bool ClearsPrivileges { get; set; }

    /// <summary>All writes in it leave alone what clients are told as the change time.</summary>
    public bool KeepsDeclared { get; set; } = true;

    /// <summary>Time of the last write in it, as it was shown.</summary>
    public long Time { get; set; }

    /// <summary>The slice being written; null until then, and for bytes few enough to ride in rows.</summary>
    public Task<SliceWriteResult>? Writing { get; set; }

    /// <summary>An attempt to attach it ended without a known outcome.</summary>
    public bool Retried { get; set; }

    /// <summary>Completes with the outcome of the current attempt to make it durable.</summary>
    public TaskCompletionSource<FileStatus> Done { get; set; } = NewDone();

    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, Filled);

    public ReadOnlySpan<byte> Span => bytes;

    public byte[] Array => bytes;

    public static TaskCompletionSource<FileStatus> NewDone() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The size to rent for a write, given the size of the buffer before it.</summary>
    public static int CapacityFor(int length, int previous)
    {
        var wanted = Math.Max(length, previous * 16L);
        if (wanted <= SmallBytes) return SmallBytes;
        return wanted <= MediumBytes && length <= MediumBytes / 4 ? MediumBytes : LargeBytes;
    }

    public bool HasRoom(int length) => !IsSealed && Filled + length <= capacity && !Fragments.IsFull;

    public void Append(long offset, in System.Buffers.ReadOnlySequence<byte> data)
    {
        var length = (int)data.Length;
        var at = Filled;
        foreach (var segment in data)
        {
            segment.Span.CopyTo(bytes.AsSpan(at));
            at += segment.Length;
        }

        Fragments.Add(new Fragment(offset, length, Filled));
        Filled = at;
    }

    public void Seal() => IsSealed = true;

    /// <summary>A reader keeps the bytes from being reused.</summary>
    public void Pin() => Interlocked.Increment(ref _users);

    /// <summary>True for the last user: the bytes go back to the pool.</summary>
    public bool Unpin() => Interlocked.Decrement(ref _users) == 0;
}
