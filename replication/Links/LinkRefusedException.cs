using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>A link was not opened, because one side does not want the other.</summary>
public sealed class LinkRefusedException(LinkRefusal reason) : Exception($"The link was refused: {reason}.")
{
    public LinkRefusal Reason { get; } = reason;
}
