using Gateway.Replication.Journal;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

/// <summary>
/// Follows a volume at all its nodes: asks each when it heard an owner, and takes the journal of one of them into the rows,
/// which are those that this gateway goes on with when it becomes owner.
/// </summary>
/// <remarks>
/// From creation to disposal it is the one writer of the site's rows. Memory: one answer of a node at a time, at most 4
/// MiB. Any thread reads.
/// </remarks>
internal sealed class VolumeTail : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan EmptyPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(500);
    private const int WaitMilliseconds = 250;
    private const int SilentWaitMilliseconds = 40;

    /// <summary>One in so many questions does not wait, and so tells how near the node is.</summary>
    private const int MeasuredOneIn = 64;

    private readonly VolumeSite _site;
    private readonly VolumeNews _news;
    private readonly Action _heard;
    private readonly StandbyCopy _copy;
    private readonly TailSource _source;
    private readonly NodeAccount?[] _accounts;
    private readonly TimeSpan[] _roundTrips;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;
    private volatile Exception? _failure;

    /// <param name="site">Links, and the rows to keep.</param>
    /// <param name="news">Which copies are the members'.</param>
    /// <param name="heard">Called when a node has told something; must not block.</param>
    public VolumeTail(VolumeSite site, VolumeNews news, Action heard)
    {
        (_site, _news, _heard) = (site, news, heard);
        _copy = new StandbyCopy(site, news, site.Loggers.CreateLogger<VolumeTail>());
        _source = new TailSource(site.Time);
        var nodes = site.Nodes;
        _accounts = new NodeAccount?[nodes.Count];
        _roundTrips = new TimeSpan[nodes.Count];
        _running = Task.WhenAll(nodes.Select(FollowAsync));
    }

    /// <summary>One for each node; null for one that does not answer, or not as a member.</summary>
    public IReadOnlyList<NodeAccount?> Accounts
    {
        get
        {
            lock (_gate) return [.. _accounts];
        }
    }

    /// <summary>What ended it early, or null: the rows cannot be written.</summary>
    public Exception? Failure => _failure;

    public ulong AppliedIndex => _copy.AppliedIndex;

    /// <summary>Entries that some node knows to be committed and the rows lack.</summary>
    public ulong BehindEntries
    {
        get
        {
            var known = KnownIndex;
            return known - Math.Min(known, AppliedIndex);
        }
    }

    /// <summary>Since when the rows have lacked something; zero when they do not.</summary>
    public TimeSpan Behind => BehindEntries == 0 ? TimeSpan.Zero : _copy.SinceLevel;

    private ulong KnownIndex
    {
        get
        {
            ulong known = 0;
            foreach (var account in Accounts) known = Math.Max(known, account?.CommitHint ?? 0);
            return known;
        }
    }

    /// <summary>Stops; the rows are whole, and may be written by another.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running;
        _site.AppliedHandover = _copy.Handover;
        _closing.Dispose();
        _copy.Dispose();
    }

    private async Task FollowAsync(NodePeer peer, int place)
    {
        await Task.Yield();
        for (var asked = 0; !_closing.IsCancellationRequested; asked++)
        {
            try
            {
                await AskAsync(peer, place, asked % MeasuredOneIn == 0);
            }
            catch (OperationCanceledException)
            {
                // Closing; the loop ends.
            }
#pragma warning disable CA1031 // A loop boundary: the stage ends with it, and the rows are opened anew.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _failure = failure;
                await _closing.CancelAsync();
                _heard();
            }
        }
    }

    private async Task AskAsync(NodePeer peer, int place, bool measured)
    {
        var time = _site.Time;
        var request = NextQuestion(peer, place, measured);
        var began = time.GetTimestamp();
        var longest = AnswerTimeout + TimeSpan.FromMilliseconds(request.WaitMilliseconds);
        var reply = await peer.AskWithinAsync(request, longest, time, _closing.Token) as TailReply;
        Note(peer, place, reply, measured ? time.GetElapsedTime(began) : null);
        if (reply is null)
        {
            await Task.Delay(RetryPause, time, _closing.Token);
            return;
        }

        if (request.FromIndex != TailRequest.NoEntries) await _copy.TakeAsync(reply, _closing.Token);
        if (reply.Next == EntryPresence.Damaged) Avoid(place);
        if (reply.Entries.IsEmpty && time.GetElapsedTime(began) < EmptyPause)
            await Task.Delay(EmptyPause, time, _closing.Token);
    }

    private TailRequest NextQuestion(NodePeer peer, int place, bool measured)
    {
        NodeAccount? account;
        bool isSource;
        lock (_gate) (account, isSource) = (_accounts[place], _source.Current == place);

        // The longer nobody was heard, the sooner it has to be known.
        var isSilent = account?.SinceHeartbeat.TotalMilliseconds > _news.Record.LeaseMilliseconds / 2;
        return new TailRequest
        {
            Header = TailReading.HeaderFor(_news.Record, peer, _site.Time),
            FromIndex = isSource ? _copy.AppliedIndex + 1 : TailRequest.NoEntries,
            BytesMax = TailRequest.BytesMaxLimit,
            WaitMilliseconds = measured ? 0 : isSilent ? SilentWaitMilliseconds : WaitMilliseconds,
            KnownReleasedEpoch = account?.ReleasedEpoch ?? 0,
        };
    }

    private void Note(NodePeer peer, int place, TailReply? reply, TimeSpan? roundTrip)
    {
        lock (_gate)
        {
            _accounts[place] = reply is null ? null : NodeAccount.Of(peer.Node, reply, _site.Time.GetTimestamp());
            if (roundTrip is { } measured) _roundTrips[place] = measured;
            _source.Choose(_accounts, _roundTrips);
        }

        _heard();
    }

    private void Avoid(int place)
    {
        lock (_gate) _source.Avoid(place);
    }
}
