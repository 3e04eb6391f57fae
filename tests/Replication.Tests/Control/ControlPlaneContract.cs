using Gateway.Replication.Control;

namespace Gateway.Replication.Tests.Control;

/// <summary>What every control plane must do. A fixture per implementation gives it one that is empty.</summary>
public abstract class ControlPlaneContract
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(2);

    private protected abstract IControlPlane Control { get; }

    [Test]
    public async Task A_value_changes_only_from_the_version_that_was_seen()
    {
        Assert.That(await Control.ReadAsync("k", default), Is.Null);
        var first = await SetAsync("k", 0, "{\"a\":1}");
        Assert.That(await Control.CompareAndSetAsync("k", 0, "{\"a\":2}", default), Is.Null);
        Assert.That(await Control.CompareAndSetAsync("k", first.Version + 1, "{\"a\":2}", default), Is.Null);
        var second = await SetAsync("k", first.Version, "{\"a\":3}");
        Assert.That(second.Version, Is.GreaterThan(first.Version));
        Assert.That(await Control.ReadAsync("k", default), Is.EqualTo(second));
        Assert.That(second.Json, Does.Contain("3"));
    }

    [Test]
    public async Task A_value_is_deleted_only_at_the_version_that_was_seen()
    {
        var first = await SetAsync("k", 0, "{}");
        Assert.That(await Control.DeleteAsync("k", first.Version + 1, default), Is.False);
        Assert.That(await Control.DeleteAsync("other", 0, default), Is.False);
        Assert.That(await Control.DeleteAsync("k", first.Version, default), Is.True);
        Assert.That(await Control.ReadAsync("k", default), Is.Null);
        Assert.That((await SetAsync("k", 0, "{}")).Version, Is.GreaterThan(first.Version));
    }

    [Test]
    public async Task A_list_holds_the_prefix_in_ordinal_order_and_nothing_else()
    {
        foreach (var key in new[] { "a/2", "a/10", "a", "ab", "b/1" }) await SetAsync(key, 0, "{}");
        Assert.That((await Control.ListAsync("a/", default)).Values.Keys, Is.EqualTo(new[] { "a/10", "a/2" }));
        Assert.That((await Control.ListAsync("", default)).Values, Has.Count.EqualTo(5));
        Assert.That((await Control.ListAsync("c", default)).Values, Is.Empty);
    }

    [Test]
    public async Task A_watch_begins_with_what_is_and_goes_on_with_what_becomes()
    {
        using var end = new CancellationTokenSource();
        var first = await SetAsync("w/1", 0, "{}");
        await using var watch = Control.WatchAsync("w/", end.Token).GetAsyncEnumerator(end.Token);
        Assert.That(await NextAsync(watch, view => view.Count == 1), Does.ContainKey("w/1"));

        await SetAsync("w/2", 0, "{}");
        Assert.That(await NextAsync(watch, view => view.Count == 2), Does.ContainKey("w/2"));
        await Control.DeleteAsync("w/1", first.Version, default);
        Assert.That(await NextAsync(watch, view => view.Count == 1), Does.ContainKey("w/2"));
        await end.CancelAsync();
        Assert.That(async () => await watch.MoveNextAsync(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_presence_is_a_value_until_it_is_withdrawn()
    {
        var presence = (await Control.AnnounceAsync("alive/g", "{\"a\":1}", TimeToLive, default))!;
        Assert.That((await Control.ReadAsync("alive/g", default))!.Json, Does.Contain("1"));
        Assert.That(await Control.AnnounceAsync("alive/g", "{\"a\":2}", TimeToLive, default), Is.Null);
        Assert.That(await Control.CompareAndSetAsync("alive/g", 0, "{\"a\":2}", default), Is.Null);

        Assert.That(await presence.UpdateAsync("{\"a\":3}", default), Is.True);
        Assert.That((await Control.ListAsync("alive/", default)).Values["alive/g"].Json, Does.Contain("3"));
        Assert.That(presence.Lost.IsCompleted, Is.False);
        await presence.DisposeAsync();
        Assert.That(await Control.ReadAsync("alive/g", default), Is.Null);
        await using var next = await Control.AnnounceAsync("alive/g", "{}", TimeToLive, default);
        Assert.That(next, Is.Not.Null);
    }

    [Test]
    public async Task A_presence_that_somebody_removed_is_lost()
    {
        await using var presence = (await Control.AnnounceAsync("alive/g", "{}", TimeToLive, default))!;
        var value = (await Control.ReadAsync("alive/g", default))!;
        Assert.That(await Control.DeleteAsync("alive/g", value.Version, default), Is.True);
        Assert.That(await presence.UpdateAsync("{}", default), Is.False);
        Assert.That(presence.Lost.IsCompleted, Is.True);
    }

    [Test]
    public async Task Of_many_that_change_a_value_at_once_one_succeeds()
    {
        var first = await SetAsync("k", 0, "{}");
        var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
            await Control.CompareAndSetAsync("k", first.Version, $"{{\"a\":{number}}}", default)));
        Assert.That(written.Count(value => value is not null), Is.EqualTo(1));
        Assert.That(await Control.ReadAsync("k", default), Is.EqualTo(written.Single(value => value is not null)));
    }

    private static async Task<IReadOnlyDictionary<string, ControlValue>> NextAsync(
        IAsyncEnumerator<ControlView> watch, Func<IReadOnlyDictionary<string, ControlValue>, bool> until)
    {
        do
        {
            Assert.That(await watch.MoveNextAsync(), Is.True);
        }
        while (!until(watch.Current.Values));

        return watch.Current.Values;
    }

    private async Task<ControlValue> SetAsync(string key, long version, string json) =>
        await Control.CompareAndSetAsync(key, version, json, default)
            ?? throw new AssertionException($"{key} was not at version {version}.");
}
