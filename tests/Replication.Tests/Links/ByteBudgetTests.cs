using Gateway.Replication.Links;

namespace Gateway.Replication.Tests.Links;

public sealed class ByteBudgetTests
{
    [Test]
    public async Task Takers_wait_in_order()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(80, default);
        var large = budget.TakeAsync(90, default).AsTask();
        var small = budget.TakeAsync(10, default).AsTask();
        Assert.That(budget.TryTake(1), Is.False, "nobody overtakes");
        Assert.That(large.IsCompleted || small.IsCompleted, Is.False);
        budget.Give(80);
        await Task.WhenAll(large, small).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(budget.Taken, Is.EqualTo(100));
    }

    [Test]
    public async Task More_than_the_whole_budget_is_taken_alone()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(500, default);
        Assert.That(budget.TryTake(1), Is.False);
        budget.Give(500);
        Assert.That(budget.TryTake(1));
    }

    [Test]
    public async Task A_cancelled_taker_has_taken_nothing_and_lets_the_next_one_by()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(50, default);
        using var cancellation = new CancellationTokenSource();
        var large = budget.TakeAsync(100, cancellation.Token).AsTask();
        var small = budget.TakeAsync(50, default).AsTask();
        await cancellation.CancelAsync();
        Assert.That(async () => await large, Throws.InstanceOf<OperationCanceledException>());
        await small.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(budget.Taken, Is.EqualTo(100));
    }
}
