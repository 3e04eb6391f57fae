namespace Gateway.Tests.Rpc;

/// <summary>Waits for a condition that another thread brings about, and fails when it does not.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            Assert.That(patience.IsCancellationRequested, Is.False, "the condition never held");
            await Task.Delay(5);
        }
    }
}
