using System.Diagnostics;

namespace Gateway.Lab.Scenarios.Network;

/// <summary>Frames on slow links, each delivered when it is due.</summary>
internal sealed class LateFrames : IDisposable
{
    /// <summary>Beyond that a link loses frames, as a full queue of a switch does.</summary>
    private const int FramesMax = 20_000;

    private readonly PriorityQueue<(byte[] Frame, TapDevice To), (long Due, long Number)> _frames = new();
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _earlier = new(false);
    private readonly Thread _thread;
    private volatile bool _stops;
    private long _number;

    public LateFrames()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "late frames" };
        _thread.Start();
    }

    /// <param name="frame">Copied.</param>
    /// <param name="to">Where it arrives.</param>
    /// <param name="due">When, as <see cref="Stopwatch.GetTimestamp"/> counts.</param>
    public void Add(ReadOnlySpan<byte> frame, TapDevice to, long due)
    {
        lock (_lock)
        {
            if (_frames.Count >= FramesMax) return;
            _frames.Enqueue((frame.ToArray(), to), (due, _number++));
        }

        _earlier.Set();
    }

    public void Dispose()
    {
        _stops = true;
        _earlier.Set();
        _thread.Join();
        _earlier.Dispose();
    }

    private void Run()
    {
        while (!_stops)
        {
            var wait = Timeout.InfiniteTimeSpan;
            (byte[] Frame, TapDevice To) next = default;
            lock (_lock)
            {
                if (_frames.TryPeek(out next, out var order))
                {
                    var left = order.Due - Stopwatch.GetTimestamp();
                    wait = left <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)left / Stopwatch.Frequency);
                    if (wait == TimeSpan.Zero) _frames.Dequeue();
                }
            }

            if (wait == TimeSpan.Zero) next.To.Write(next.Frame);
            else _earlier.WaitOne(wait);
        }
    }
}
