namespace Gateway.Lab.Scenarios.Network;

/// <summary>What becomes of the frames from one host to another.</summary>
/// <param name="Loss">Share of them that never arrive; 1 is a cut.</param>
/// <param name="Delay">How much later they arrive, in their order.</param>
/// <param name="BytesPerSecond">What the link carries; 0 is as much as there is.</param>
internal sealed record LinkState(double Loss = 0, TimeSpan Delay = default, int BytesPerSecond = 0)
{
    public static LinkState Healthy { get; } = new();

    public static LinkState Cut { get; } = new(Loss: 1);
}
