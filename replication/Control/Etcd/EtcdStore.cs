namespace Gateway.Replication.Control.Etcd;

/// <summary>etcd's calls, on keys below the cluster's prefix.</summary>
/// <remarks>Any thread. All throw <see cref="ControlPlaneException"/>.</remarks>
internal sealed class EtcdStore(EtcdClient client, string root) : IDisposable
{
    /// <summary>The key as etcd has it.</summary>
    public string Whole(string key) => root + key;

    public async Task<EtcdKeyValue?> FindAsync(string key, CancellationToken cancellation)
    {
        var found = await RangeAsync(EtcdRequests.Range(Whole(key)), cancellation);
        return found.Values.Count == 0 ? null : found.Values[0];
    }

    /// <summary>All values under the prefix, and the revision of the store that they are of.</summary>
    public async Task<(SortedDictionary<string, ControlValue> Values, long Revision)> ListAsync(
        string prefix, CancellationToken cancellation)
    {
        var found = await RangeAsync(EtcdRequests.RangeOfPrefix(Whole(prefix)), cancellation);
        var values = new SortedDictionary<string, ControlValue>(StringComparer.Ordinal);
        foreach (var value in found.Values) values[KeyOf(value)] = ValueOf(value);
        return (values, found.Revision);
    }

    /// <summary>Sends a transaction.</summary>
    public async Task<TxnAnswer> ChangeAsync(byte[] transaction, CancellationToken cancellation) =>
        Parse(await client.AskAsync("/etcdserverpb.KV/Txn", transaction, repeatable: false, cancellation), TxnAnswer.Parse);

    /// <summary>Everything that happens under the prefix from the revision on.</summary>
    public Task<GrpcCall> WatchAsync(string prefix, long fromRevision, CancellationToken cancellation) =>
        client.OpenAsync("/etcdserverpb.Watch/Watch", EtcdRequests.Watch(Whole(prefix), fromRevision), cancellation);

    // A lease that nobody has heard of runs out: to ask again does no harm.
    public async Task<LeaseAnswer> GrantLeaseAsync(long seconds, CancellationToken cancellation) => Parse(
        await client.AskAsync("/etcdserverpb.Lease/LeaseGrant", EtcdRequests.LeaseGrant(seconds), repeatable: true, cancellation),
        LeaseAnswer.Parse);

    public async Task<LeaseAnswer> RenewLeaseAsync(long lease, CancellationToken cancellation) => Parse(
        await client.AskAsync("/etcdserverpb.Lease/LeaseKeepAlive", EtcdRequests.Lease(lease), repeatable: true, cancellation),
        LeaseAnswer.Parse);

    /// <summary>Ends a lease, and removes what goes with it.</summary>
    public Task RevokeLeaseAsync(long lease, CancellationToken cancellation) =>
        client.AskAsync("/etcdserverpb.Lease/LeaseRevoke", EtcdRequests.Lease(lease), repeatable: true, cancellation);

    /// <summary>The key below the cluster's prefix.</summary>
    public string KeyOf(EtcdKeyValue value) => value.Key[root.Length..];

    public static ControlValue ValueOf(EtcdKeyValue value) => new(value.ModRevision, value.Value);

    public void Dispose() => client.Dispose();

    private async Task<RangeAnswer> RangeAsync(byte[] request, CancellationToken cancellation) =>
        Parse(await client.AskAsync("/etcdserverpb.KV/Range", request, repeatable: true, cancellation), RangeAnswer.Parse);

    private static T Parse<T>(byte[] answer, Func<ReadOnlySpan<byte>, T> parse)
    {
        try
        {
            return parse(answer);
        }
        catch (InvalidDataException error)
        {
            throw new ControlPlaneException($"What answers is no etcd: {error.Message}", error);
        }
    }
}
