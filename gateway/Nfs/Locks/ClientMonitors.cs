using System.Buffers.Binary;
using System.Net;
using Gateway.FileSystem;
using Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Locks;

/// <summary>The hosts that hold locks on one volume, so that the locks of one that restarts are freed.</summary>
/// <remarks>
/// Each host is a row of the volume, put before its first lock is answered: whichever gateway hears of the restart knows whose
/// locks they were. Threading: any.
/// <code>row: key = LockClient.Key; content = state int32 LE | address length | address | name</code>
/// </remarks>
internal sealed class ClientMonitors
{
    private readonly FileTree _tree;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MonitoredClient> _clients = [];

    public ClientMonitors(FileTree tree, ILogger logger)
    {
        _tree = tree;
        _logger = logger;
        foreach (var (_, content) in tree.Monitors.List())
        {
            if (TryRead(content, out var client)) _clients[client.Client.KeyText] = client;
        }
    }

    public FileTree Tree => _tree;

    /// <summary>Number of hosts known to hold locks.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _clients.Count;
        }
    }

    /// <summary>
    /// Makes sure the host is known before it gets a lock. A host that comes with a later state number than before has restarted
    /// without our hearing of it: its old locks are freed first.
    /// </summary>
    public ValueTask<FileStatus> WatchAsync(LockClient client, int state)
    {
        MonitoredClient? known;
        lock (_gate) _clients.TryGetValue(client.KeyText, out known);
        if (known is not null && (state == 0 || state == known.State)) return new(FileStatus.Ok);

        return RememberAsync(known, client, state);
    }

    /// <summary>Frees the locks of the hosts that this notification is about; Ok also when there are none.</summary>
    /// <param name="address">Where the notification came from.</param>
    /// <param name="isPrivileged">It came from a port that only root may use.</param>
    public async ValueTask<FileStatus> RestartedAsync(IPAddress address, byte[] name, int state, bool isPrivileged)
    {
        foreach (var restarted in Find(address, name, isPrivileged))
        {
            // The number its present locks came with: a late or repeated notice of the restart before them.
            if (restarted.State == state && state != 0) continue;

            var status = await ReleaseAsync(restarted.Client);
            if (status != FileStatus.Ok) return status;
        }

        return FileStatus.Ok;
    }

    /// <summary>Frees all locks, waiting requests and shares of the host, and forgets it.</summary>
    public async ValueTask<FileStatus> ReleaseAsync(LockClient client)
    {
        var status = await _tree.Locks.ReleaseClientAsync(client.Key);
        if (status != FileStatus.Ok) return status;

        _logger.LocksOfClientFreed(client.Address, client.Name.Length == 0 ? "?" : TextOf(client.Name));
        bool known;
        lock (_gate) known = _clients.Remove(client.KeyText);
        return known ? await _tree.Monitors.RemoveAsync(client.Key) : FileStatus.Ok;
    }

    private static string TextOf(ReadOnlySpan<byte> name) => System.Text.Encoding.Latin1.GetString(name);

    private static bool TryRead(ReadOnlySpan<byte> content, out MonitoredClient client)
    {
        client = null!;
        if (content.Length < 5 || content[4] is not (4 or 16) || content.Length < 5 + content[4]) return false;

        var address = new IPAddress(content.Slice(5, content[4]));
        var state = BinaryPrimitives.ReadInt32LittleEndian(content);
        client = new MonitoredClient(new LockClient(address, content[(5 + content[4])..]), state);
        return true;
    }

    private static byte[] Write(LockClient client, int state)
    {
        var address = client.Address.GetAddressBytes();
        var row = new byte[5 + address.Length + client.Name.Length];
        BinaryPrimitives.WriteInt32LittleEndian(row, state);
        row[4] = (byte)address.Length;
        address.CopyTo(row, 5);
        client.Name.CopyTo(row.AsSpan(5 + address.Length));
        return row;
    }

    // A state number only grows; one from before the restart may still be under way.
    private async ValueTask<FileStatus> RememberAsync(MonitoredClient? known, LockClient client, int state)
    {
        if (known is { State: not 0 } && unchecked(state - known.State) < 0) return FileStatus.Ok;

        if (known is { State: not 0 })
        {
            var released = await _tree.Locks.ReleaseClientAsync(client.Key);
            if (released != FileStatus.Ok) return released;
            _logger.LocksOfClientFreed(client.Address, TextOf(client.Name));
        }

        var status = await _tree.Monitors.AddAsync(client.Key, Write(client, state));
        if (status == FileStatus.LockLimit)
        {
            // A lock that a restart does not free is better than none.
            _logger.LockClientNotMonitored(client.Address, TextOf(client.Name));
            return FileStatus.Ok;
        }

        if (status != FileStatus.Ok) return status;

        lock (_gate) _clients[client.KeyText] = new MonitoredClient(client, state);
        return FileStatus.Ok;
    }

    // Who notifies is at the same address and has the same name. One of the two may have changed with the restart: the name at a
    // known address means all that was there; a known name at a new address is believed only if nobody else has it and root says so.
    private List<MonitoredClient> Find(IPAddress address, byte[] name, bool isPrivileged)
    {
        lock (_gate)
        {
            var here = _clients.Values.Where(known => known.Client.Address.Equals(address)).ToList();
            var both = here.FindAll(known => known.Client.IsNamed(name));
            if (both.Count > 0) return both;
            if (here.Count > 0) return here;
            if (!isPrivileged) return [];

            var named = _clients.Values.Where(known => known.Client.IsNamed(name)).ToList();
            return named.Count == 1 ? named : [];
        }
    }

    private sealed record MonitoredClient(LockClient Client, int State);
}
