using System.Diagnostics;
using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab;

/// <summary>
/// A client at work while others misbehave: creates, writes, commits, reads, compares and removes, round after round,
/// on one connection that must never break.
/// </summary>
internal sealed class Bystander : IDisposable
{
    private const int ContentBytes = 20_000;

    private readonly NfsShare _share;
    private readonly Thread _thread;
    private volatile bool _ends;
    private volatile string? _error;
    private int _rounds;

    public Bystander(NfsShare share)
    {
        _share = share;
        _thread = new Thread(Work) { IsBackground = true, Name = "bystander" };
        _thread.Start();
    }

    /// <summary>What went wrong, or null.</summary>
    public string? Error => _error;

    public int Rounds => Volatile.Read(ref _rounds);

    /// <summary>The longest time one round took.</summary>
    public TimeSpan LongestRound { get; private set; }

    /// <summary>Waits until it has done two rounds more: one may have begun before.</summary>
    public async Task<bool> GoesOnAsync(TimeSpan within)
    {
        var before = Rounds;
        return await Poll.UntilAsync(() => _error is not null || Rounds >= before + 2, within) && _error is null;
    }

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _share.Dispose();
    }

    private void Work()
    {
        try
        {
            var random = new Random(77);
            var content = new byte[ContentBytes];
            while (!_ends)
            {
                var started = Stopwatch.GetTimestamp();
                random.NextBytes(content);
                Round(string.Create(CultureInfo.InvariantCulture, $"bystander{_rounds % 10}"), content);
                var took = Stopwatch.GetElapsedTime(started);
                if (took > LongestRound)
                    LongestRound = took;
                Interlocked.Increment(ref _rounds);
            }
        }
        catch (Exception error) when (error is IOException or NfsStatusException)
        {
            _error = string.Create(CultureInfo.InvariantCulture, $"round {_rounds}: {error.Message}");
        }
    }

    private void Round(string name, byte[] content)
    {
        var created = _share.Create(_share.Root, name);
        Require("CREATE", created.Status);
        var file = created.Handle!.Value;
        Require("WRITE", _share.Write(file, 0, content, Nfs3Stability.Unstable).Status);
        Require("COMMIT", _share.Commit(file).Status);
        var read = _share.Read(file, 0, ContentBytes);
        Require("READ", read.Status);
        if (!read.Content.SequenceEqual(content))
            throw new IOException("READ gave other content than was written");
        Require("REMOVE", _share.Remove(_share.Root, name).Status);
    }

    private static void Require(string call, Nfs3Status status)
    {
        if (status != Nfs3Status.Ok)
            throw new NfsStatusException(call, status);
    }
}
