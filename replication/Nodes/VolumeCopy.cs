using Gateway.Replication.Disks;
using Gateway.Replication.Links;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Nodes;

/// <summary>
/// A node's copy of one volume for as long as the node lives. A copy whose disk failed has ended for good; here it may be
/// opened again, suspect, as by a restarted daemon. After the second failure within a day nothing is opened, and a <see
/// cref="FailedNode"/> says so to who asks.
/// </summary>
/// <remarks>Links enter from any thread; opening and disposal from one.</remarks>
internal sealed class VolumeCopy : IAsyncDisposable
{
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromSeconds(2);

    private readonly NodeVolumesOptions _options;
    private readonly BackendNodeOptions _directory;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _supervision;
    private Opened _current;

    /// <param name="options">Of the node.</param>
    /// <param name="directory">Of the copy.</param>
    /// <param name="retired">Told, perhaps at once, when the copy has left the volume.</param>
    /// <param name="time">Its timestamps are the node's boot-time clock.</param>
    /// <param name="loggers">For state changes and damage.</param>
    /// <exception cref="NodeStartException">The directory cannot be used.</exception>
    public VolumeCopy(
        NodeVolumesOptions options, string directory, Action retired, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _loggers) = (options, time, loggers);
        _logger = loggers.CreateLogger<VolumeCopy>();
        _directory = new BackendNodeOptions
        {
            Node = options.Node,
            DataDirectory = directory,
            Cluster = options.Cluster,
            JournalSegmentBytes = options.JournalSegmentBytes,
            SliceSegmentBytes = options.SliceSegmentBytes,
            Retired = retired,
            Failed = OnFailed,
        };
        _current = Open();
        _supervision = options.Reopens ? SuperviseAsync() : Task.CompletedTask;
    }

    /// <exception cref="LinkRefusedException">The copy is not open now.</exception>
    public NodeEntry Enter() =>
        Volatile.Read(ref _current).TryEnter() ?? throw new LinkRefusedException(LinkRefusal.Unavailable);

    /// <summary>What the copy says of itself; null when it is not open now.</summary>
    public NodeCondition? Condition(Guid volume)
    {
        using var entry = Volatile.Read(ref _current).TryEnter();
        return entry?.Requests.Condition(new NodeConditionRequest(volume));
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _supervision;
        await _current.DisposeAsync();
        _stopping.Dispose();
    }

    private Opened Open()
    {
        try
        {
            var node = BackendNode.Open(_directory, _time, _loggers.CreateLogger<BackendNode>());
            return new Opened(node, node.Requests);
        }
        catch (DeviceFailedException error)
        {
            Log.DeviceFailed(_logger, _options.Node, error.Message);
            return new Opened(null, new FailedNode(_options.Node));
        }
    }

    // Also while the first copy is being opened: then there is no current one, and the constructor throws.
    private void OnFailed(Exception failure)
    {
        if (_options.Reopens) Volatile.Read(ref _current)?.Broken.TrySetResult(failure);
        else _options.Failed(failure);
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                await _current.Broken.Task.WaitAsync(_stopping.Token);
                await _current.DisposeAsync();
                await ReopenAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node closes.
        }
    }

    private async Task ReopenAsync()
    {
        while (true)
        {
            await Task.Delay(ReopenDelay, _time, _stopping.Token);
            try
            {
                Volatile.Write(ref _current, Open());
                return;
            }
            catch (Exception error) when (error is NodeStartException or DiskException)
            {
                Log.ReopenFailed(_logger, _options.Node, error.Message);
            }
        }
    }

    // From one opening to its end, with the links that use it.
    private sealed class Opened(BackendNode? node, INodeRequests requests) : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private readonly CancellationTokenSource _closing = new();
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _links;
        private bool _closed;

        public TaskCompletionSource<Exception> Broken { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public NodeEntry? TryEnter()
        {
            lock (_gate)
            {
                if (_closed || Broken.Task.IsCompleted) return null;
                _links++;
                return new NodeEntry(requests, Leave, _closing.Token);
            }
        }

        // Links first: their requests use the node.
        public async ValueTask DisposeAsync()
        {
            lock (_gate)
            {
                if (_closed) return;
                _closed = true;
                if (_links == 0) _left.TrySetResult();
            }

            await _closing.CancelAsync();
            await _left.Task;
            node?.Dispose();
            _closing.Dispose();
        }

        private void Leave()
        {
            lock (_gate)
            {
                if (--_links == 0 && _closed) _left.TrySetResult();
            }
        }
    }
}
