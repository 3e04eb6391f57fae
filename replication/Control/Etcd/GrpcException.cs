namespace Gateway.Replication.Control.Etcd;

/// <summary>A call did not end with <see cref="GrpcStatus.Ok"/>, or its answer never came.</summary>
/// <param name="status">What the server said; <see cref="GrpcStatus.Unavailable"/> when it said nothing.</param>
/// <param name="message">For the log.</param>
/// <param name="inner">What failed below.</param>
internal sealed class GrpcException(GrpcStatus status, string message, Exception? inner = null) : Exception(message, inner)
{
    public GrpcStatus Status { get; } = status;

    /// <summary>There was no connection to send the request on: it cannot have had an effect.</summary>
    public bool NeverSent { get; init; }
}
