using Gateway.Admin;
using Gateway.Cluster;
using Gateway.FileSystem;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Users;

namespace Gateway.Hosting;

/// <summary>What the administration of a gateway answers: the state of its volumes, its clients and its rates.</summary>
internal sealed class GatewayAnswers(
    ClusterSecret secret,
    LinkTrust trust,
    GatewayVolumes volumes,
    FileServer server,
    UserDirectory users,
    NodeRegistry nodes,
    TimeProvider time)
    : AdminEndpoint.IAnswers, IDisposable
{
    private readonly long _began = time.GetTimestamp();
    private readonly SealedUserRequests _users = new(users, new AdminSeal(secret), time);
    private readonly NodeAdministration _nodes = new(
        new AdminSeal(secret), nodes,
        name => volumes.Find(name)?.Owned is { } owned ? owned.ChangeMembersAsync : null, time);

    private readonly VolumeAdministration _volumes = new(new AdminSeal(secret), volumes, time);

    private readonly RateWindow _rates = new(time, () => Count(server, volumes));

    public StatusReport Status() => new()
    {
        ClusterId = secret.Cluster.ToString(),
        UptimeSeconds = Math.Round(time.GetElapsedTime(_began).TotalSeconds, 1),
        Volumes = [.. volumes.Seats.Select(seat => Report(seat.Seat.Status))],
        Clients = new ClientsReport
        {
            Connections = server.Protocols?.OpenConnections ?? 0,
            Mounts = [.. (server.Protocols?.Mount.Mounts.ToList() ?? []).Select(mount => $"{mount.Host}:{mount.Path}")],
        },
        Rates = _rates.Read(),
        ResidentBytes = Environment.WorkingSet,
        Certificates = CertificateReport.Of(trust, time.GetUtcNow()),
    };

    public async Task<VerifyReport?> VerifyAsync(string? path, CancellationToken cancellation)
    {
        if (path is not null) return await VerifyPathAsync(path, cancellation);

        var results = new List<VerifyResult>();
        foreach (var (_, seat) in volumes.Seats)
        {
            if (seat.Owned is { } owned) results.Add(await owned.VerifyAsync(null, cancellation));
        }

        return results.Count > 0 ? Report(results) : throw new StartException("this gateway owns no volume; ask the one that does");
    }

    public Task<byte[]?> ChangeUsersAsync(byte[] message, CancellationToken cancellation) =>
        _users.AnswerAsync(message, cancellation);

    public Task<byte[]?> ChangeNodesAsync(byte[] message, CancellationToken cancellation) =>
        _nodes.AnswerAsync(message, cancellation);

    public Task<byte[]?> ChangeVolumesAsync(byte[] message, CancellationToken cancellation) =>
        _volumes.AnswerAsync(message, cancellation);

    public void Dispose() => _rates.Dispose();

    private async Task<VerifyReport?> VerifyPathAsync(string path, CancellationToken cancellation)
    {
        var volume = VolumePath.VolumeOf(path, name => volumes.Find(name) is not null) ?? GatewayProcess.VolumeName;
        if (server.Find(volume) is not { } tree || volumes.Find(volume)?.Owned is not { } owned)
            throw new StartException($"volume {volume} is not owned by this gateway; ask the one that does");

        // What is still buffered belongs to the file too.
        await tree.FlushAsync();
        var (status, slices) = tree.CollectSlices(VolumePath.Of(path, volume), cancellation);
        return status == FileStatus.Ok ? Report([await owned.VerifyAsync(slices, cancellation)]) : null;
    }

    private static VerifyReport Report(IReadOnlyList<VerifyResult> results) => new()
    {
        Clean = results.All(result => result.Clean),
        SlicesChecked = results.Sum(result => result.SlicesChecked),
        SlicesSpilled = results.Sum(result => result.SlicesSpilled),
        EntriesChecked = results.Sum(result => result.EntriesChecked),
        BytesRead = results.Sum(result => result.BytesRead),
        Differences = [.. results.SelectMany(result => result.Differences)
            .Select(found => new DifferenceReport(found.Node, found.What, found.Problem))],
    };

    private static RateCounts Count(FileServer server, GatewayVolumes volumes)
    {
        var owned = volumes.Seats.Select(seat => seat.Seat.Owned?.Status).OfType<VolumeStatus>().ToList();
        return new RateCounts(
            server.Protocols?.Metrics.RpcRequestsTotal ?? 0,
            owned.Sum(status => status.ReadBytes),
            owned.Sum(status => status.WrittenBytes));
    }

    private static VolumeReport Report(VolumeStatus status) => new()
    {
        Name = status.Volume,
        Epoch = status.Epoch,
        State = status.State,
        Gateway = status.Gateway,
        Role = status.Role,
        Owner = status.Owner,
        BehindEntries = status.BehindEntries,
        BehindMilliseconds = status.BehindMilliseconds,
        LastTakeover = status.LastTakeover,
        CommittedIndex = status.CommitIndex,
        AppliedIndex = status.AppliedIndex,
        CheckpointIndex = status.CheckpointIndex,
        LeaseRemainingSeconds = Math.Round(status.LeaseRemaining.TotalSeconds, 3),
        TotalBytes = status.Space.TotalBytes,
        AvailableBytes = status.Space.AvailableBytes,
        OwedSlices = status.Nodes.Sum(node => node.OwedSlices),
        SpilledSlices = status.SpilledSlices,
        SpilledBytes = status.SpilledBytes,
        SpillReason = status.SpillReason,
        DamageFound = status.Nodes.Sum(node => node.DamageFound),
        DamageRepaired = status.Nodes.Sum(node => node.DamageRepaired),
        Nodes = [.. status.Nodes.Select(Report)],
        Change = Report(status.Change),
    };

    private static ChangeReport? Report(ChangeProgress? change) => change is null ? null : new ChangeReport
    {
        Phase = change.Phase,
        Members = change.Members,
        BytesLeft = change.BytesLeft,
        BytesPerSecond = Math.Round(change.BytesPerSecond),
        SecondsLeft = change.SecondsLeft is { } seconds ? Math.Round(seconds) : null,
        Reason = change.Reason,
    };

    private static NodeReport Report(NodeStanding node) => new()
    {
        Id = node.Node,
        Address = node.Address,
        Role = node.IsLearner ? "learner" : node.IsWitness ? "witness" : "member",
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
