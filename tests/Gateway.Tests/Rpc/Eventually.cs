namespace Gateway.Tests.Rpc;

/// <summary>Waits for a condition that another thread brings about, and fails when it does not.</summary>
internal static class Eventually
{
    public static Task HoldsAsync(Func<bool> condition) => HoldsAsync(() => Task.FromResult(condition()));

    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            Assert.That(patience.IsCancellationRequested, Is.False, "the condition never held");
            await Task.Delay(5);
        }
    }
}
