using System.Net;
using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Portmap;
using Gateway.Protocol.Wire;
using Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Locks;

/// <summary>Calls clients back: that a lock they waited for is theirs, and the results of requests they sent as messages.</summary>
/// <remarks>
/// Threading: any. One loop per client that has something to be told (ClientCallbacks), so that a client which does not answer
/// holds up nobody else; at most <see cref="CallsMax"/> talk at once. Locks that wait are bounded by the lock table, messages
/// by <see cref="MessagesMax"/>.
/// </remarks>
internal sealed class GrantCallbacks : IAsyncDisposable
{
    /// <summary>Clients being talked to at the same time.</summary>
    public const int CallsMax = 64;

    /// <summary>Messages to one client that wait to be sent; further ones are dropped, the client asks again.</summary>
    public const int MessagesMax = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<LockRequest, Grant> _pending = [];
    private readonly Dictionary<(IPAddress Address, IPAddress From), ClientCallbacks> _clients = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger<GrantCallbacks> _logger;

    public GrantCallbacks(GrantTimings timings, TimeProvider time, ILogger<GrantCallbacks> logger)
    {
        Timings = timings;
        Time = time;
        _logger = logger;
    }

    /// <summary>Where clients' port mappers listen.</summary>
    public int PortmapPort { get; init; } = PortmapProtocol.Port;

    public GrantTimings Timings { get; }

    public TimeProvider Time { get; }

    /// <summary>Entered for each conversation with a client.</summary>
    public SemaphoreSlim Calls { get; } = new(CallsMax);

    /// <summary>Locks whose clients have not confirmed that they know.</summary>
    public int PendingCount
    {
        get
        {
            lock (_gate) return _pending.Count;
        }
    }

    /// <summary>What the lock table calls when it has granted the request: queues the call-back and returns at once.</summary>
    public Action<LockRequest> For(LockCall wanted, ByteRangeLocks locks, bool byMessage) =>
        request => Add(new Grant(wanted, request, locks, byMessage));

    /// <summary>
    /// The client knows, or does not want the lock any more: no further call-back, and an answer to one under way will not
    /// count. True when there was one.
    /// </summary>
    public bool Forget(LockRequest request)
    {
        lock (_gate) return _pending.Remove(request);
    }

    /// <summary>The locks of a volume are another gateway's now: its clients ask there.</summary>
    public void Forget(ByteRangeLocks locks)
    {
        lock (_gate)
        {
            foreach (var (request, grant) in _pending.ToList())
            {
                if (ReferenceEquals(grant.Locks, locks)) _pending.Remove(request);
            }
        }
    }

    /// <summary>A client's GRANTED_RES to our message.</summary>
    public async ValueTask AnsweredAsync(byte[] cookie, Nlm4Status status, IPAddress address)
    {
        Grant? answered;
        lock (_gate)
        {
            answered = _pending.Values.FirstOrDefault(grant =>
                grant.ByMessage && grant.Address.Equals(address) && cookie.AsSpan().SequenceEqual(grant.Cookie));
        }

        if (answered is not null) await ConcludeAsync(answered, status);
    }

    /// <summary>Sends a message to the client's lock manager, once.</summary>
    public void Send(IPAddress address, IPAddress from, Nlm4Procedure procedure, Action<XdrWriter> write)
    {
        lock (_gate) Client(address, from).Queue(procedure, write);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] loops;
        lock (_gate) loops = [.. _clients.Values.Select(client => client.Completion)];
        await Task.WhenAll(loops);
        _stop.Dispose();
        Calls.Dispose();
    }

    /// <summary>The next thing to tell the client, or when to look again; false when there is nothing left: its loop ends.</summary>
    public bool TryNext(ClientCallbacks client, out CallbackWork work)
    {
        lock (_gate)
        {
            if (client.TryNext(IsPending, Time.GetTimestamp(), out work)) return true;

            _clients.Remove(client.Key);
            return false;
        }
    }

    /// <summary>The client has answered.</summary>
    public async ValueTask ConcludeAsync(Grant grant, Nlm4Status status)
    {
        // Busy with its own restart: it will be asked again.
        if (status == Nlm4Status.DeniedGracePeriod) return;
        if (!Take(grant)) return;

        _logger.GrantDelivered(grant.Address, status);
        if (status != Nlm4Status.Granted) await GiveUpAsync(grant, "it denies that it wants the lock");
    }

    /// <summary>The client could not be told, for long enough.</summary>
    public async ValueTask AbandonAsync(Grant grant, string reason)
    {
        if (Take(grant)) await GiveUpAsync(grant, reason);
    }

    public void ReportLost(IPAddress address, string reason) => _logger.LockMessageLost(address, reason);

    // A lock that the client surely does not know of is freed for the others. One that it may believe to hold stays: it unlocks
    // it, or its restart does. A lock held too long delays somebody; one held by two destroys data.
    private async ValueTask GiveUpAsync(Grant grant, string reason)
    {
        _logger.GrantUndeliverable(grant.Address, reason, grant.MayBeKnown);
        if (grant.MayBeKnown) return;

        var request = grant.Request;
        var status = await grant.Locks.UnlockAsync(request.Node, request.Owner, request.Range);
        if (status == FileStatus.Unavailable) _logger.GrantUndeliverable(grant.Address, "its lock cannot be freed now", true);
    }

    private bool Take(Grant grant)
    {
        lock (_gate) return IsPending(grant) && _pending.Remove(grant.Request);
    }

    private void Add(Grant grant)
    {
        lock (_gate)
        {
            _pending[grant.Request] = grant;
            Client(grant.Address, grant.From).Queue(grant);
        }
    }

    // Called with the gate held.
    private bool IsPending(Grant grant) =>
        _pending.TryGetValue(grant.Request, out var pending) && ReferenceEquals(pending, grant);

    // Called with the gate held.
    private ClientCallbacks Client(IPAddress address, IPAddress from)
    {
        if (!_clients.TryGetValue((address, from), out var client))
            _clients[(address, from)] = client = new ClientCallbacks(this, address, from, _stop.Token);
        return client;
    }
}
