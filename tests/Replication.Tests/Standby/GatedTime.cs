using Gateway.Replication.Owner;

namespace Gateway.Replication.Tests.Standby;

/// <summary>The clock of a process that can be paused: no timer fires then, and afterwards all do that are due.</summary>
internal sealed class GatedTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Action> _held = [];
    private bool _paused;

    public override long TimestampFrequency => BootTimeProvider.Instance.TimestampFrequency;

    public override long GetTimestamp() => BootTimeProvider.Instance.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        BootTimeProvider.Instance.CreateTimer(_ => Fire(() => callback(state)), null, dueTime, period);

    public void Pause()
    {
        lock (_gate) _paused = true;
    }

    public void Resume()
    {
        Action[] held;
        lock (_gate)
        {
            _paused = false;
            held = [.. _held];
            _held.Clear();
        }

        foreach (var fire in held) fire();
    }

    private void Fire(Action fire)
    {
        lock (_gate)
        {
            if (_paused)
            {
                // A periodic timer fires once for all the periods it missed, or nearly.
                if (_held.Count < 1000) _held.Add(fire);
                return;
            }
        }

        fire();
    }
}
