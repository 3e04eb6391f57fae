using Gateway.Cluster;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Owner;

namespace Gateway.Admin;

/// <summary>Changes the members of the volumes that this gateway owns.</summary>
/// <param name="seal">Of the cluster.</param>
/// <param name="registry">Where the addresses of nodes are kept.</param>
/// <param name="find">The volume of a name; null when this gateway does not own it.</param>
/// <param name="time">For how long a request is good.</param>
/// <remarks>Threading: any.</remarks>
internal sealed class NodeAdministration(
    AdminSeal seal,
    NodeRegistry registry,
    Func<string, Func<MemberRequest, CancellationToken, Task<string?>>?> find,
    TimeProvider time)
{
    private readonly SealedRequests<NodeChangeRequest, NodeChangeAnswer> _requests = new(
        seal, NodeChangeRequest.Context, time, NodeChangeJson.Default.NodeChangeRequest,
        NodeChangeJson.Default.NodeChangeAnswer);

    /// <summary>The sealed answer; null for a request that is not to be answered.</summary>
    public Task<byte[]?> AnswerAsync(byte[] message, CancellationToken cancellation) =>
        _requests.AnswerAsync(message, async request => new NodeChangeAnswer(await DoAsync(request, cancellation)));

    // What is wrong with it, or null.
    private async Task<string?> DoAsync(NodeChangeRequest request, CancellationToken cancellation)
    {
        if (find(request.Volume) is not { } change) return $"this gateway does not own a volume {request.Volume}";

        try
        {
            if (request.Address is not null)
            {
                if (!HostPort.TryParse(request.Address, out var address)) return $"{request.Address} is no address";
                await registry.RegisterAsync(request.Joins, address, witness: null, cancellation);
            }

            // What was started as a witness has no room for content.
            var joins = request.Joins.Length > 0 ? await registry.FindAsync(request.Joins, cancellation) : null;
            return await change(
                new MemberRequest
                {
                    Joins = request.Joins,
                    Witness = request.Witness || joins is { Witness: true },
                    Leaves = request.Leaves,
                    Cancels = request.Cancels,
                    BytesPerSecond = request.BytesPerSecond,
                },
                cancellation);
        }
        catch (Exception error) when (error is ControlPlaneException or StartException)
        {
            return error.Message;
        }
    }
}
