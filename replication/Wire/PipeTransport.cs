namespace Gateway.Replication.Wire;

/// <summary>One end of a link within a process.</summary>
internal sealed class PipeTransport(FramePipe input, FramePipe output) : IFrameTransport
{
    public IFrameInput Input => input;

    public IFrameOutput Output => output;

    public ValueTask DisposeAsync()
    {
        output.Close();
        input.Abandon();
        return ValueTask.CompletedTask;
    }
}
