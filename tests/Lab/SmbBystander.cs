using System.Diagnostics;
using System.Globalization;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab;

/// <summary>
/// An SMB client at work while others misbehave: creates, writes, flushes, reads, compares and removes, round after
/// round, in one session that must never break.
/// </summary>
internal sealed class SmbBystander : IDisposable
{
    private const int ContentBytes = 20_000;

    private readonly SmbSession _session;
    private readonly Thread _thread;
    private volatile bool _ends;
    private volatile string? _error;
    private int _rounds;

    public SmbBystander(SmbSession session)
    {
        _session = session;
        _thread = new Thread(Work) { IsBackground = true, Name = "SMB bystander" };
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
        _session.Dispose();
    }

    private void Work()
    {
        try
        {
            var random = new Random(78);
            var content = new byte[ContentBytes];
            while (!_ends)
            {
                var started = Stopwatch.GetTimestamp();
                random.NextBytes(content);
                Round(string.Create(CultureInfo.InvariantCulture, $"smb-bystander{_rounds % 10}"), content);
                var took = Stopwatch.GetElapsedTime(started);
                if (took > LongestRound)
                    LongestRound = took;
                Interlocked.Increment(ref _rounds);
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            _error = string.Create(CultureInfo.InvariantCulture, $"round {_rounds}: {error.Message}");
        }
    }

    private void Round(string name, byte[] content)
    {
        var file = _session.CreateFile(name, options: 0x1000, access: 0x13019F);
        _session.Ask(Smb2Command.Write, Bodies.Write(file, 0, content)).Require(NtStatus.Success);
        _session.Ask(Smb2Command.Flush, Bodies.Flush(file)).Require(NtStatus.Success);
        if (!_session.ReadFile(file, 0, ContentBytes).AsSpan().SequenceEqual(content))
            throw new IOException("READ gave other content than was written");
        _session.Ask(Smb2Command.Close, Bodies.Close(file)).Require(NtStatus.Success);
    }
}
