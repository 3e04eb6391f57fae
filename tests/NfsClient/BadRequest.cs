using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.NfsClient;

/// <summary>A request no honest client sends, with the answer the RFCs have for it.</summary>
/// <param name="Status">The first word of the results; null when the call must not have results.</param>
public sealed record BadRequest(
    string Name,
    uint Program,
    uint Version,
    uint Procedure,
    Func<BadRequestTargets, byte[]> Arguments,
    RpcAcceptStatus Accepted,
    Nfs3Status? Status = null)
{
    public override string ToString() => Name;
}

/// <summary>What bad requests are aimed at: objects that exist.</summary>
public sealed record BadRequestTargets(Nfs3Handle Root, Nfs3Handle File);
