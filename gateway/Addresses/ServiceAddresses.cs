using System.Net;
using Gateway.FileSystem;
using Gateway.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Addresses;

/// <summary>
/// What clients find a volume by: addresses that go with it, and programs of the operator that are told. An address of several
/// volumes goes with the first of them: of two gateways that own a part of them each, that one has it.
/// </summary>
/// <remarks>Any thread; for one volume one call at a time.</remarks>
internal sealed class ServiceAddresses : IServiceAddress, IAsyncDisposable
{
    private readonly ServiceAddressOptions _options;
    private readonly IPAddress _own;
    private readonly IHostNetwork _network;
    private readonly Func<string, FileTree?> _find;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly VolumeHooks _hooks;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly List<HeldAddress> _held = [];

    /// <param name="options">What was set.</param>
    /// <param name="gateway">Name of this gateway, for the programs.</param>
    /// <param name="own">What clients use where no address goes with a volume, for the programs.</param>
    /// <param name="network">Of this host.</param>
    /// <param name="find">The files of a volume that is served here.</param>
    /// <param name="time">The boot-time clock.</param>
    /// <param name="logger">For what happens.</param>
    public ServiceAddresses(
        ServiceAddressOptions options,
        string gateway,
        IPAddress own,
        IHostNetwork network,
        Func<string, FileTree?> find,
        TimeProvider time,
        ILogger logger)
    {
        (_options, _own, _network, _find, _time, _logger) = (options, own, network, find, time, logger);
        _hooks = new VolumeHooks(options.OnAcquire, options.OnRelease, gateway, time, logger);
    }

    /// <summary>Addresses that are here now.</summary>
    public IReadOnlyList<ServiceAddress> Held
    {
        get
        {
            lock (_held) return [.. _held.Select(held => held.Address)];
        }
    }

    /// <inheritdoc/>
    public async Task TakeAsync(string volume, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var tree = _find(volume) ?? throw new StartException($"volume {volume} is not served");
            foreach (var address in _options.Addresses.Where(address => address.Volumes[0] == volume))
            {
                if (Held.Contains(address)) continue;
                var held = HeldAddress.Take(_network, address, tree, _time, _logger);
                lock (_held) _held.Add(held);
            }
        }
        catch (IOException refused)
        {
            await ReleaseHeldAsync(volume);
            throw new StartException(refused.Message, refused);
        }
        finally
        {
            _gate.Release();
        }

        _hooks.Acquired(volume, AddressOf(volume));
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(string volume, CancellationToken cancellation)
    {
        // Not given up with whoever waits: the address of a volume that is gone must go.
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            await ReleaseHeldAsync(volume);
        }
        finally
        {
            _gate.Release();
        }

        _hooks.Released(volume, AddressOf(volume));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var volume in Held.Select(address => address.Volumes[0]).Distinct()) await ReleaseAsync(volume, CancellationToken.None);
        await _hooks.DisposeAsync();
        _gate.Dispose();
    }

    private async Task ReleaseHeldAsync(string volume)
    {
        HeldAddress[] released, kept;
        lock (_held)
        {
            released = [.. _held.Where(held => held.Address.Volumes[0] == volume)];
            kept = [.. _held.Except(released)];
            _held.RemoveAll(released.Contains);
        }

        await Task.WhenAll(released.Select(held => held.ReleaseAsync()));

        // With the first address of a network the kernel may remove the others of it (promote_secondaries, ip-sysctl).
        if (released.Length > 0) Array.ForEach(kept, held => held.Restore());
    }

    private IPAddress AddressOf(string volume) =>
        _options.Addresses.FirstOrDefault(address => address.Volumes.Contains(volume))?.Address ?? _own;
}
