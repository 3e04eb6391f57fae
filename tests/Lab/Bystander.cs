using System.Diagnostics;
using System.Globalization;
using Gateway.NfsClient;

namespace Gateway.Lab;

/// <summary>
/// A client at work while others misbehave: creates, writes, makes durable, reads, compares and removes, round after
/// round, on one connection that must never break.
/// </summary>
internal sealed partial class Bystander : IDisposable
{
    private const int ContentBytes = 20_000;
    private const int NameCount = 10;

    private readonly IDisposable _client;
    private readonly Action<string, byte[]> _round;
    private readonly Thread _thread;
    private volatile bool _ends;
    private volatile string? _error;
    private int _rounds;

    /// <param name="client">Its own; ends with it.</param>
    /// <param name="round">One round with a file of this name and content.</param>
    private Bystander(IDisposable client, Action<string, byte[]> round)
    {
        (_client, _round) = (client, round);
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
        _client.Dispose();
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
                _round(string.Create(CultureInfo.InvariantCulture, $"bystander{_rounds % NameCount}"), content);
                var took = Stopwatch.GetElapsedTime(started);
                if (took > LongestRound)
                    LongestRound = took;
                Interlocked.Increment(ref _rounds);
            }
        }
        catch (Exception error) when (error is IOException or NfsStatusException or InvalidDataException)
        {
            _error = string.Create(CultureInfo.InvariantCulture, $"round {_rounds}: {error.Message}");
        }
    }
}
