using Gateway.Admin;
using Gateway.FileSystem;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Replication.Slices;
using Gateway.Users;

namespace Gateway.Hosting;

/// <summary>What the administration of a gateway answers: the state of its volume, its clients and its rates.</summary>
internal sealed class GatewayAnswers(
    ClusterSecret secret, VolumeHost volume, FileServer server, UserDirectory users, TimeProvider time)
    : AdminEndpoint.IAnswers, IDisposable
{
    private readonly long _began = time.GetTimestamp();
    private readonly SealedUserRequests _users = new(users, new AdminSeal(secret), time);
    private readonly RateWindow _rates = new(time, () => Count(server, volume.Status));

    public StatusReport Status() => new()
    {
        ClusterId = secret.Cluster.ToString(),
        UptimeSeconds = Math.Round(time.GetElapsedTime(_began).TotalSeconds, 1),
        Volumes = [Report(volume.Status)],
        Clients = new ClientsReport
        {
            Connections = server.Protocols?.OpenConnections ?? 0,
            Mounts = [.. (server.Protocols?.Mount.Mounts.ToList() ?? []).Select(mount => $"{mount.Host}:{mount.Path}")],
        },
        Rates = _rates.Read(),
        ResidentBytes = Environment.WorkingSet,
    };

    public async Task<VerifyReport?> VerifyAsync(string? path, CancellationToken cancellation)
    {
        IEnumerable<SliceRef>? only = null;
        if (path is not null)
        {
            if (server.Find(GatewayProcess.VolumeName) is not { } tree) return null;

            // What is still buffered belongs to the file too.
            await tree.FlushAsync();
            var (status, slices) = tree.CollectSlices(VolumePath.Of(path, GatewayProcess.VolumeName), cancellation);
            if (status != FileStatus.Ok) return null;

            only = slices;
        }

        var result = await volume.VerifyAsync(only, cancellation);
        return new VerifyReport
        {
            Clean = result.Clean,
            SlicesChecked = result.SlicesChecked,
            EntriesChecked = result.EntriesChecked,
            BytesRead = result.BytesRead,
            Differences = [.. result.Differences.Select(found => new DifferenceReport(found.Node, found.What, found.Problem))],
        };
    }

    public Task<byte[]?> ChangeUsersAsync(byte[] message, CancellationToken cancellation) =>
        _users.AnswerAsync(message, cancellation);

    public void Dispose() => _rates.Dispose();

    private static RateCounts Count(FileServer server, VolumeStatus status) =>
        new(server.Protocols?.Metrics.RpcRequestsTotal ?? 0, status.ReadBytes, status.WrittenBytes);

    private static VolumeReport Report(VolumeStatus status) => new()
    {
        Name = status.Volume,
        Epoch = status.Epoch,
        State = status.State,
        CommittedIndex = status.CommitIndex,
        AppliedIndex = status.AppliedIndex,
        CheckpointIndex = status.CheckpointIndex,
        LeaseRemainingSeconds = Math.Round(status.LeaseRemaining.TotalSeconds, 3),
        TotalBytes = status.Space.TotalBytes,
        AvailableBytes = status.Space.AvailableBytes,
        OwedSlices = status.Nodes.Sum(node => node.OwedSlices),
        DamageFound = status.Nodes.Sum(node => node.DamageFound),
        DamageRepaired = status.Nodes.Sum(node => node.DamageRepaired),
        Nodes = [.. status.Nodes.Select(Report)],
    };

    private static NodeReport Report(NodeStanding node) => new()
    {
        Id = node.Node,
        Address = node.Address,
        State = node.State,
        MatchIndex = node.MatchIndex,
        CommittedIndex = node.CommitHint,
        OwedSlices = node.OwedSlices,
        LastAnswerSeconds = Math.Round(node.LastAnswerSeconds, 3),
        AvailableBytes = node.AvailableBytes,
        DamageFound = node.DamageFound,
        DamageRepaired = node.DamageRepaired,
    };
}
