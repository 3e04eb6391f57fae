using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>A link was not opened, because one side does not want the other.</summary>
/// <param name="reason">Why.</param>
/// <param name="detail">What more is known of it, for people.</param>
public sealed class LinkRefusedException(LinkRefusal reason, string? detail = null)
    : Exception(detail is null ? $"The link was refused: {reason}." : $"The link was refused: {reason}, {detail}.")
{
    public LinkRefusal Reason { get; } = reason;

    /// <summary>The reason, and what more is known.</summary>
    public string Cause => detail is null ? $"{Reason}" : $"{Reason}, {detail}";
}
