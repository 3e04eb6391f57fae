using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Gateway.Replication.Standby;
using Gateway.Replication.Tests.Owner;

namespace Gateway.Replication.Tests.Standby;

/// <summary>A gateway of a <see cref="TestCluster"/> with a clock, links and a control plane of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly GatedConnector[] _ways;
    private readonly GatedTime _time = new();

    public TestGateway(string name, TestCluster cluster, IControlPlane control, string rowsDirectory)
    {
        Name = name;
        Control = new GatedControl(control);
        _ways = [.. cluster.Nodes.Select(node => new GatedConnector("127.0.0.1", node.Port))];
        var options = new VolumeSeatOptions
        {
            Gateway = name,
            PresenceTimeToLive = TimeSpan.FromSeconds(2),
            LeaseLostAfter = TimeSpan.FromSeconds(4),
            Addresses = [$"{name}:2049"],
            Replication = new ReplicationOptions
            {
                Volume = "files",
                Nodes = [.. cluster.Nodes.Select((node, at) => new NodeAddress(node.Name, _ways[at]))],
                Trust = TestCluster.Trust,
                OwnerAddress = name,
                RowsDirectory = rowsDirectory,
                ScrubBytesPerSecond = 0,
            },
        };
        Seat = new VolumeSeat(options, Control, Server, _time, new Random(name.GetHashCode(StringComparison.Ordinal)), TestLog.Instance);
    }

    public string Name { get; }

    public GatedControl Control { get; }

    public CountingServer Server { get; } = new();

    public VolumeSeat Seat { get; }

    public VolumeStatus Status => Seat.Status;

    public bool Serves => Server.Serving is not null;

    public bool StandsBy => Status is { Role: "standby", BehindEntries: 0, AppliedIndex: > 0 };

    public void Start() => Seat.Start();

    public void CutNodes()
    {
        foreach (var way in _ways) way.Shut();
    }

    public void MendNodes()
    {
        foreach (var way in _ways) way.Open();
    }

    /// <summary>The process is gone: its connections are reset, and nobody is told anything.</summary>
    public void Kill()
    {
        Control.Cut();
        foreach (var way in _ways) way.Break();
    }

    public void Pause()
    {
        _time.Pause();
        CutNodes();
    }

    public void Resume()
    {
        MendNodes();
        _time.Resume();
    }

    public async ValueTask DisposeAsync()
    {
        Resume();
        await Seat.DisposeAsync();
        Control.Dispose();
    }
}
