namespace Gateway.Replication.Slices;

/// <summary>A slice on its way into the store.</summary>
internal sealed class SliceWrite(Guid volume, SliceRef slice, ReadOnlyMemory<byte> data, bool replaces)
{
    private readonly TaskCompletionSource<SliceOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Volume => volume;

    public SliceRef Slice => slice;

    public ReadOnlyMemory<byte> Data => data;

    public bool Replaces => replaces;

    public SlicePlace Place { get; set; }

    public SliceOutcome? Outcome { get; set; }

    public Task<SliceOutcome> Done => _done.Task;

    public void Complete(SliceOutcome outcome) => _done.TrySetResult(outcome);
}
