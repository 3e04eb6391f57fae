using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Tests.Store;

/// <summary>A volume store over memory, one epoch after another.</summary>
internal sealed class Volume : IAsyncDisposable
{
    private Volume(
        MemoryJournal journal, IRowStore rows, MemorySlices slices, VolumeStoreOptions options, TimeProvider time)
    {
        Journal = journal;
        Rows = rows;
        Slices = slices;
        Slices.Epoch = journal.Epoch;
        Store = new VolumeStore(rows, journal, slices, options, time, new TestLog());
    }

    public MemoryJournal Journal { get; }

    public IRowStore Rows { get; }

    public MemorySlices Slices { get; }

    public VolumeStore Store { get; }

    public static async Task<Volume> StartAsync(
        VolumeStoreOptions? options = null,
        ulong epoch = 1,
        IEnumerable<JournalEntry>? entries = null,
        IRowStore? rows = null,
        MemorySlices? slices = null,
        TimeProvider? time = null)
    {
        var volume = new Volume(
            new MemoryJournal(epoch, entries), rows ?? new MemoryRowStore(), slices ?? new MemorySlices(),
            options ?? new VolumeStoreOptions(), time ?? TimeProvider.System);
        volume.Journal.Start(volume.Store.Listener, volume.Rows.Applied.Index);
        await volume.Store.Ready;
        return volume;
    }

    public ValueTask<StoreOutcome> Execute(Action<MutationContext> execute, bool freesSpace = false) =>
        Store.ExecuteAsync(new Change(execute, freesSpace));

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Rows.Dispose();
    }
}

/// <summary>Shows in the test's output why a store stopped.</summary>
internal sealed class TestLog : ILogger<VolumeStore>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        TestContext.Progress.WriteLine($"{formatter(state, exception)} {exception}");
}
