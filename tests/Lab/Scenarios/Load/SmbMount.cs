using System.Net;
using System.Net.Sockets;
using Gateway.Lab.Scenarios.Network;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>
/// A session with a share at whichever gateway serves it, and files that are open in it: taken up again after a loss when their
/// handles are persistent, opened anew otherwise. For one thread.
/// </summary>
internal sealed class SmbMount(
    SwitchedNetwork network,
    int host,
    IReadOnlyList<IPEndPoint> gateways,
    SmbUser user,
    string share,
    bool isPersistent,
    int client,
    TimeSpan? replyMax = null) : IDisposable
{
    private const uint PersistentFlag = 2;
    private const uint OpenExisting = 1;
    private const int PauseMilliseconds = 20;

    private static readonly TimeSpan ConnectMax = TimeSpan.FromMilliseconds(400);

    private readonly SmbSessionOptions _options = new() { Client = new Guid(client, 0x5CE, 0, new byte[8]), ReplyMax = replyMax ?? TimeSpan.FromSeconds(1) };
    private readonly Dictionary<string, OpenFile> _files = [];
    private readonly ulong[] _lastSessions = new ulong[gateways.Count];
    private SmbSession? _session;
    private int _gateway = client % gateways.Count;
    private int _creates;

    /// <summary>What clients of a continuous share must not meet: refusals, and persistent handles that were not there any more.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Answers other than success and those expected, and how often they came.</summary>
    public Dictionary<NtStatus, int> Refusals { get; } = [];

    /// <summary>A handle of the file; null when told to stop while nobody answers.</summary>
    public SmbFileId? Open(string path, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!IsConnected()) Pause(stop);
            else if (_files.TryGetValue(path, out var file)) return file.Id;
            else if (!TryOpen(path)) Pause(stop);
        }

        return null;
    }

    /// <summary>Connects; false when told to stop while nobody answers.</summary>
    public bool Connect(CancellationToken stop)
    {
        while (!IsConnected())
        {
            if (stop.IsCancellationRequested) return false;
            Pause(stop);
        }

        return true;
    }

    /// <summary>The answer; null when none came, and the session is lost then.</summary>
    /// <param name="command">What.</param>
    /// <param name="body">Its body.</param>
    /// <param name="expected">Answers besides success after which the session goes on.</param>
    public SmbReply? Ask(Smb2Command command, ReadOnlySpan<byte> body, params ReadOnlySpan<NtStatus> expected)
    {
        try
        {
            var reply = _session!.Ask(command, body);
            if (reply.Status == NtStatus.Success || expected.Contains(reply.Status)) return reply;

            // On a continuous share nothing may be said that programs would see; sessions end, as with the gateway before.
            Refusals[reply.Status] = Refusals.GetValueOrDefault(reply.Status) + 1;
            if (isPersistent && reply.Status is not (NtStatus.UserSessionDeleted or NtStatus.NetworkNameDeleted))
                Errors.Add($"{command} on a continuous share: {reply.Status}");
            Lose();
            return reply;
        }
        catch (Exception failure) when (failure is IOException or SocketException or InvalidDataException)
        {
            Lose();
            return null;
        }
    }

    public void Dispose() => _session?.Dispose();

    private static void Pause(CancellationToken stop) => stop.WaitHandle.WaitOne(PauseMilliseconds);

    private void Lose()
    {
        _session?.Dispose();
        _session = null;
        _gateway = (_gateway + 1) % gateways.Count;
        if (!isPersistent) _files.Clear();
    }

    private bool IsConnected()
    {
        if (_session is not null) return true;

        try
        {
            _session = new SmbSession(network.Connect(host, gateways[_gateway], ConnectMax), _options);
            _session.Negotiate();
            _session.LogOn(user.Name, user.Password, _lastSessions[_gateway]).Require(NtStatus.Success);
            _lastSessions[_gateway] = _session.SessionId;
            _session.Connect(share).Require(NtStatus.Success);
            foreach (var (path, file) in _files.ToList()) TakeUp(path, file);
            return true;
        }
        catch (Exception failure) when (failure is IOException or SocketException or InvalidDataException)
        {
            Lose();
            return false;
        }
    }

    private void TakeUp(string path, OpenFile file)
    {
        var reply = _session!.Ask(Smb2Command.Create, Bodies.Create(
            path, contexts: Bodies.ReconnectContext(file.Id, file.Create, flags: PersistentFlag)));
        if (reply.Status == NtStatus.ObjectNameNotFound)
        {
            Errors.Add($"the handle of {path} at {gateways[_gateway]}");
            _files.Remove(path);
            return;
        }

        _files[path] = file with { Id = reply.Require(NtStatus.Success).FileId };
    }

    private bool TryOpen(string path)
    {
        var create = new Guid(client, 0x5CE, (short)++_creates, new byte[8]);
        var contexts = isPersistent ? Bodies.DurableContext(create, flags: PersistentFlag) : [];
        if (Ask(Smb2Command.Create, Bodies.Create(path, disposition: OpenExisting, contexts: contexts)) is not { Status: NtStatus.Success } reply)
            return false;

        if (isPersistent && reply.CreateContext("DH2Q")?[4] != PersistentFlag)
            throw new InvalidOperationException($"{path} was opened without a persistent handle.");
        _files[path] = new OpenFile(reply.FileId, create);
        return true;
    }

    private sealed record OpenFile(SmbFileId Id, Guid Create);
}
