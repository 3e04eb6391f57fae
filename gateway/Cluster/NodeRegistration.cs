using Gateway.Hosting;
using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>Registers a node that runs, as soon as the control plane answers; the node serves meanwhile.</summary>
internal sealed class NodeRegistration : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _registering;

    public NodeRegistration(ClusterControl control, string node, HostPort address, bool witness, TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        _registering = RegisterAsync(new NodeRegistry(control.Plane, logger), node, address, witness);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _registering;
        _stopping.Dispose();
    }

    private async Task RegisterAsync(NodeRegistry registry, string node, HostPort address, bool witness)
    {
        var waits = false;
        try
        {
            while (true)
            {
                try
                {
                    await registry.RegisterAsync(node, address, witness, _stopping.Token);
                    return;
                }
                catch (Exception error) when (error is ControlPlaneException or StartException)
                {
                    if (!waits) Log.WaitsForControlPlane(_logger, error.Message);
                    waits = true;
                }

                await Task.Delay(RetryDelay, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node ends before the control plane answered.
        }
    }
}
