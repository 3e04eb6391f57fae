using System.Diagnostics;
using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Bench;

/// <summary>Clients that do one thing after another, each on a connection of its own: create, write, read.</summary>
internal sealed class DurableLoad : IDisposable
{
    private const int Clients = 4;
    private const int BlockBytes = 64 << 10;
    private const int FileBlocks = 512;
    private const int BulkBytes = 1 << 20;
    private const uint XidsOfClient = 1 << 26;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly NfsShare[] _shares;
    private readonly Nfs3Handle[] _directories = new Nfs3Handle[Clients];
    private readonly Nfs3Handle[] _files = new Nfs3Handle[Clients];
    private readonly Random[] _random = [.. Enumerable.Range(0, Clients).Select(seed => new Random(seed))];
    private readonly int[] _names = new int[Clients];
    private readonly byte[] _content = new byte[BulkBytes];

    public DurableLoad(Target target, uint firstXid)
    {
        new Random(1).NextBytes(_content);
        _shares = [.. Enumerable.Range(0, Clients).Select(client => target.Mount(unchecked(firstXid + ((uint)client * XidsOfClient))))];
        for (var client = 0; client < Clients; client++)
        {
            var share = _shares[client];
            var made = share.MkDir(share.Root, string.Create(CultureInfo.InvariantCulture, $"durable.{firstXid}.{client}"));
            _directories[client] = made.Handle ?? throw new NfsStatusException("MKDIR", made.Status);
            var created = share.Create(_directories[client], "content");
            _files[client] = created.Handle ?? throw new NfsStatusException("CREATE", created.Status);
            for (var block = 0; block < FileBlocks; block++) Write(client, block);
        }
    }

    public Task<LatencySample> RunAsync(TimeSpan duration) => RunWhileAsync(() => false, duration);

    /// <summary>Runs for at least some time, and as long as something holds.</summary>
    public async Task<LatencySample> RunWhileAsync(Func<bool> holds, TimeSpan atLeast)
    {
        using var stop = new CancellationTokenSource();
        var began = Stopwatch.GetTimestamp();
        var clients = Enumerable.Range(0, Clients)
            .Select(client => Task.Factory.StartNew(() => Work(client, stop.Token), TaskCreationOptions.LongRunning))
            .ToArray();
        while (Stopwatch.GetElapsedTime(began) < atLeast || holds()) await Task.Delay(Pause);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        var all = new LatencySample { Elapsed = Stopwatch.GetElapsedTime(began) };
        foreach (var client in clients) all.Merge(await client);
        return all;
    }

    /// <summary>Writes a file of that size, durably.</summary>
    public void WriteMuch(int mebibytes)
    {
        var share = _shares[0];
        var created = share.Create(_directories[0], string.Create(CultureInfo.InvariantCulture, $"bulk{_names[0]++}"));
        var file = created.Handle ?? throw new NfsStatusException("CREATE", created.Status);
        for (var block = 0; block < mebibytes; block++)
        {
            var written = share.Write(file, (ulong)block * BulkBytes, _content, Nfs3Stability.Unstable);
            if (written.Status != Nfs3Status.Ok) throw new NfsStatusException("WRITE", written.Status);
        }

        var committed = share.Commit(file);
        if (committed.Status != Nfs3Status.Ok) throw new NfsStatusException("COMMIT", committed.Status);
    }

    public void Dispose()
    {
        foreach (var share in _shares) share.Dispose();
    }

    private LatencySample Work(int client, CancellationToken stop)
    {
        var sample = new LatencySample();
        while (!stop.IsCancellationRequested)
        {
            Time(DurableOperation.Create, () => Create(client));
            Time(DurableOperation.Write, () => Write(client, _random[client].Next(FileBlocks)));
            Time(DurableOperation.Read, () => Read(client, _random[client].Next(FileBlocks)));
        }

        return sample;

        void Time(DurableOperation kind, Action act)
        {
            var began = Stopwatch.GetTimestamp();
            act();
            sample.Add(kind, Stopwatch.GetElapsedTime(began));
        }
    }

    private void Create(int client)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"f{_names[client]++}");
        var created = _shares[client].Create(_directories[client], name);
        if (created.Status != Nfs3Status.Ok) throw new NfsStatusException("CREATE", created.Status);
    }

    private void Write(int client, int block)
    {
        var written = _shares[client].Write(
            _files[client], (ulong)block * BlockBytes, _content.AsSpan(0, BlockBytes), Nfs3Stability.FileSync);
        if (written.Status != Nfs3Status.Ok) throw new NfsStatusException("WRITE", written.Status);
    }

    private void Read(int client, int block)
    {
        var read = _shares[client].Read(_files[client], (ulong)block * BlockBytes, BlockBytes);
        if (read.Status != Nfs3Status.Ok) throw new NfsStatusException("READ", read.Status);
    }
}
