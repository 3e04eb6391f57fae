using System.Diagnostics;
using System.Text;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Standby;

/// <summary>
/// A client that sends each operation until it is answered, to whichever gateway serves, and measures how long none was.
/// </summary>
internal sealed class CountedClient(string name, IReadOnlyList<TestGateway> gateways) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Answers that left open what happened.</summary>
    public int Unknown { get; private set; }

    public TimeSpan LongestGap { get; private set; }

    private string CounterKey => $"count/{name}";

    public void Start() => _running = RunAsync();

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Each operation that was answered happened once; at most the last one may have happened unanswered.</summary>
    public void Check(IVolumeStore store)
    {
        using var snapshot = store.OpenSnapshot();
        for (var at = 0; at < Acknowledged; at++)
            Assert.That(snapshot.TryGet(Encoding.UTF8.GetBytes($"op/{name}/{at}"), out _), Is.True, $"operation {at}");
        var counted = snapshot.TryGet(Encoding.UTF8.GetBytes(CounterKey), out var value) ? BitConverter.ToInt32(value) : 0;
        Assert.That(counted, Is.InRange(Acknowledged, Acknowledged + 1));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var last = Stopwatch.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            var operation = new CountOnce(CounterKey, $"op/{name}/{Acknowledged}");
            var outcome = await SendAsync(operation);
            if (outcome == StoreOutcome.Ok)
            {
                Interlocked.Increment(ref _acknowledged);
                var now = Stopwatch.GetTimestamp();
                var gap = Stopwatch.GetElapsedTime(last, now);
                if (gap > LongestGap) LongestGap = gap;
                last = now;
            }
            else
            {
                if (outcome is not null) Unknown++;
                await Task.Delay(1);
            }
        }
    }

    // A gateway that is cut off or gone does not answer: the client turns to the next one.
    private async Task<StoreOutcome?> SendAsync(Mutation operation)
    {
        foreach (var gateway in gateways)
        {
            var answer = gateway.Server.ExecuteAsync(operation);
            if (await Task.WhenAny(answer, Task.Delay(500)) == answer && await answer is { } outcome) return outcome;
        }

        return null;
    }

    private sealed class CountOnce(string counter, string id) : Mutation
    {
        public override void Execute(MutationContext context)
        {
            var key = Encoding.UTF8.GetBytes(id);
            if (context.TryGet(key, out _)) return;
            var count = Encoding.UTF8.GetBytes(counter);
            var before = context.TryGet(count, out var value) ? BitConverter.ToInt32(value) : 0;
            context.Put(key, [1]);
            context.Put(count, BitConverter.GetBytes(before + 1));
        }
    }
}
