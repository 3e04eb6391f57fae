using System.Globalization;

namespace Gateway.Lab.Scenarios.Script;

/// <summary>Something that goes wrong for a while.</summary>
/// <param name="At">When it begins.</param>
/// <param name="Lasting">How long.</param>
/// <param name="What">In words, for who reads the script.</param>
/// <param name="Begin">Makes it so.</param>
/// <param name="End">Makes it as it was.</param>
internal sealed record Fault(
    TimeSpan At, TimeSpan Lasting, string What, Func<ScenarioCluster, Task> Begin, Func<ScenarioCluster, Task> End)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds:F2} s: {What} for {Lasting.TotalSeconds:F2} s");
}
