using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem;
using Microsoft.Extensions.Logging;

namespace Gateway.Addresses;

/// <summary>
/// A service address while this gateway has it. The kernel gives it a short life that is renewed only as long as the volume is
/// known to be owned here: whoever hangs, is stopped or cut off loses it without doing anything (PROTOCOL 2.6).
/// </summary>
/// <remarks>Taken and released by <see cref="ServiceAddresses"/>, once each; loops of its own in between.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Released is disposed.")]
internal sealed class HeldAddress
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(6);
    public static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RecordingInterval = TimeSpan.FromSeconds(1);

    /// <summary>Clients of before are in the rows until they have been told.</summary>
    private static readonly TimeSpan RecordingDelay = TimeSpan.FromSeconds(3);

    /// <summary>
    /// When neighbours are told, after the taking. Neighbours take no second word within a second; and a hung owner answers
    /// for the address until its kernel takes it away, so that the last word comes after that.
    /// </summary>
    private static readonly TimeSpan[] Announcements =
        [.. new[] { 0.2, 0.5, 1, 2, 4, 7.5 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private static readonly TimeSpan TicklingMax = TimeSpan.FromSeconds(2);

    private readonly IHostNetwork _network;
    private readonly FileTree _tree;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _released = new();
    private readonly HashSet<ClientConnection> _recorded;
    private Task _running = Task.CompletedTask;
    private Task<bool>? _confirmation;
    private long _renewed;
    private string _trouble = "";

    private HeldAddress(IHostNetwork network, ServiceAddress address, FileTree tree, TimeProvider time, ILogger logger)
    {
        (_network, Address, _tree, _time, _logger) = (network, address, tree, time, logger);
        _recorded = [.. tree.Connections.List()
            .Select(name => ClientConnection.Read(name))
            .Where(connection => connection.Service.Address.Equals(address.Address))];
    }

    public ServiceAddress Address { get; }

    /// <summary>Has the address from now on, and tells neighbours and the clients of the owner before.</summary>
    /// <exception cref="IOException">It cannot be had.</exception>
    public static HeldAddress Take(IHostNetwork network, ServiceAddress address, FileTree tree, TimeProvider time, ILogger logger)
    {
        var held = new HeldAddress(network, address, tree, time, logger);
        held.Put();
        Log.AddressTaken(logger, address, held._recorded.Count);
        ClientConnection[] before = [.. held._recorded];
        held.Tell(before);
        held._running = Task.WhenAll(
            held.LoopAsync(held.RenewAsync), held.LoopAsync(() => held.AnnounceAsync(before)), held.LoopAsync(held.RecordAsync));
        return held;
    }

    /// <summary>Adds the address again if it is gone: with another one of the same network the kernel may have removed it.</summary>
    public void Restore()
    {
        if (_released.IsCancellationRequested) return;
        TryDo(Put);
    }

    /// <summary>Has the address no longer. What cannot be removed the kernel removes within its lifetime.</summary>
    public async Task ReleaseAsync()
    {
        await _released.CancelAsync();
        await _running;
        _released.Dispose();
        TryDo(() => _network.Remove(Address));
        Log.AddressReleased(_logger, Address);
    }

    private void Put()
    {
        _network.Put(Address, Lifetime);
        _renewed = _time.GetTimestamp();
    }

    private async Task LoopAsync(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        catch (OperationCanceledException) when (_released.IsCancellationRequested)
        {
            // Released.
        }
    }

    private async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(RenewalInterval, _time, _released.Token);
            if (!await IsOwnedAsync())
            {
                Report("its volume is not known to be owned here");
                continue;
            }

            var wasGone = _time.GetElapsedTime(_renewed) >= Lifetime;
            if (TryDo(Put) && wasGone) Tell([]);
        }
    }

    // One question at a time: while the volume hangs they would pile up. An answer that came late is about then, not now.
    private async Task<bool> IsOwnedAsync()
    {
        var isNew = _confirmation is null;
        _confirmation ??= _tree.ConfirmOwnedAsync(_released.Token).AsTask();
        try
        {
            var isOwned = await _confirmation.WaitAsync(ConfirmationTimeout, _time, _released.Token);
            _confirmation = null;
            return isOwned && isNew;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task AnnounceAsync(ClientConnection[] before)
    {
        var passed = TimeSpan.Zero;
        foreach (var due in Announcements)
        {
            await Task.Delay(due - passed, _time, _released.Token);
            passed = due;
            Tell(due <= TicklingMax ? before : []);
        }
    }

    private void Tell(ClientConnection[] before)
    {
        TryDo(() => _network.Announce(Address));
        if (before.Length > 0) TryDo(() => _network.Tickle(Gone(before)));
    }

    private ClientConnection[] Gone(ClientConnection[] before) => [.. before.Except(_network.ConnectionsTo(Address.Address))];

    private async Task RecordAsync()
    {
        await Task.Delay(RecordingDelay, _time, _released.Token);
        while (true)
        {
            IReadOnlyList<ClientConnection> present = [];
            if (TryDo(() => present = _network.ConnectionsTo(Address.Address))) await RecordAsync([.. present]);
            await Task.Delay(RecordingInterval, _time, _released.Token);
        }
    }

    // Those known stay: what is left out is the same each time, and costs no change.
    private async Task RecordAsync(HashSet<ClientConnection> present)
    {
        var removed = _recorded.Except(present).ToList();
        var room = ConnectionList.ConnectionsMax - _recorded.Count + removed.Count;
        var added = present.Except(_recorded).Take(room).ToList();
        foreach (var less in removed.Chunk(ConnectionList.ChangesMax))
        {
            if (!await ChangeAsync([], less)) return;
            _recorded.ExceptWith(less);
        }

        foreach (var more in added.Chunk(ConnectionList.ChangesMax))
        {
            if (!await ChangeAsync(more, [])) return;
            _recorded.UnionWith(more);
        }

        if (removed.Count + added.Count > 0) Log.ConnectionsRecorded(_logger, _recorded.Count, Address.Address);
    }

    private async Task<bool> ChangeAsync(ClientConnection[] added, ClientConnection[] removed)
    {
        var change = _tree.Connections.ChangeAsync(
            [.. added.Select(one => one.Write())], [.. removed.Select(one => one.Write())], _released.Token);
        return await change.AsTask().WaitAsync(_released.Token) == FileStatus.Ok;
    }

    private bool TryDo(Action order)
    {
        try
        {
            order();
            _trouble = "";
            return true;
        }
        catch (IOException error)
        {
            Report(error.Message);
            return false;
        }
    }

    private void Report(string trouble)
    {
        if (trouble != _trouble) Log.AddressTrouble(_logger, Address, trouble);
        _trouble = trouble;
    }
}
