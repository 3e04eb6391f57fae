namespace Gateway.Replication.Control.Etcd;

/// <summary>What follows from an error that a member answered with (etcd, <c>api/v3rpc/rpctypes/error.go</c>).</summary>
internal static class EtcdErrors
{
    private const string OldAuthRevision = "revision of auth store is old";
    private const string NoUser = "etcdserver: user name is empty";

    /// <summary>A member answers these before it looks at the request.</summary>
    private static readonly string[] NotExecuted =
    [
        "etcdserver: no leader", "etcdserver: too many requests", "etcdserver: rpc not supported for learner",
    ];

    /// <summary>It is certain that the request had no effect.</summary>
    public static bool WasNotExecuted(GrpcException error) => error.NeverSent || NotExecuted.Contains(error.Message);

    /// <summary>The token is of no use any more; the request had no effect.</summary>
    public static bool IsTokenRefused(GrpcException error) =>
        error.Status == GrpcStatus.Unauthenticated
        || error.Message == NoUser
        || error.Message.Contains(OldAuthRevision, StringComparison.Ordinal);

    /// <summary>Another member may do better; otherwise all of them would say the same.</summary>
    public static bool IsOfMember(GrpcException error) => error.Status
        is GrpcStatus.Unavailable
        or GrpcStatus.DeadlineExceeded
        or GrpcStatus.Cancelled
        or GrpcStatus.Internal
        or GrpcStatus.Unknown
        || NotExecuted.Contains(error.Message);
}
