using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Replication.Journal;
using Gateway.Replication.Store;

namespace Gateway.RowsBench;

/// <summary>Commits each entry a fixed time after it was appended, on a thread of its own, and keeps nothing.</summary>
internal sealed class LateJournal : IJournal, IDisposable
{
    private readonly BlockingCollection<(JournalEntry Entry, long At)> _underWay = [];
    private readonly TimeSpan _delay;
    private readonly Thread _thread;
    private IJournalListener? _listener;
    private ulong _index;

    public LateJournal(TimeSpan delay)
    {
        _delay = delay;
        _thread = new Thread(Commit) { IsBackground = true };
    }

    public ulong Epoch => 1;

    public bool LeaseValid => true;

    public long Entries => (long)_index;

    public void Start(IJournalListener listener)
    {
        _listener = listener;
        Append(JournalEntryType.EpochStart, default);
        _thread.Start();
    }

    public ulong Append(JournalEntryType type, ReadOnlyMemory<byte> payload)
    {
        var entry = JournalChain.Follow(_index, 0, Epoch, type, payload);
        _index = entry.Index;
        _underWay.Add((entry, Stopwatch.GetTimestamp()));
        return _index;
    }

    public void Trim(ulong index)
    {
    }

    public ValueTask<bool> WaitLeaseAsync(CancellationToken cancellation) => ValueTask.FromResult(true);

    public void Dispose()
    {
        _underWay.CompleteAdding();
        _thread.Join();
        _underWay.Dispose();
    }

    private void Commit()
    {
        using var timer = new ManualResetEventSlim();
        foreach (var (entry, at) in _underWay.GetConsumingEnumerable())
        {
            var left = _delay - Stopwatch.GetElapsedTime(at);
            if (left > TimeSpan.Zero) timer.WaitHandle.WaitOne(left);
            _listener!.Committed(entry);
        }
    }
}
