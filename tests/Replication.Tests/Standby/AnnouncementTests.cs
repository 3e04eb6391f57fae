using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Gateway.Replication.Standby;
using Gateway.Replication.Tests.Owner;

namespace Gateway.Replication.Tests.Standby;

public sealed class AnnouncementTests
{
    private const string Key = "alive/a";
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(1);

    private string _directory = "";
    private EmbeddedControlPlane _control = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("announcement-").FullName;
        _control = EmbeddedControlPlane.Open(_directory);
    }

    [TearDown]
    public void TearDown()
    {
        _control.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task It_is_there_while_it_lives_and_says_what_it_is_told()
    {
        await using (var announcement = Announce(_control, "{\"a\":1}"))
        {
            await UntilAsync(json => json?.Contains('1') == true);
            announcement.Set("{\"a\":2}");
            await UntilAsync(json => json?.Contains('2') == true);
        }

        Assert.That(await _control.ReadAsync(Key, default), Is.Null);
    }

    [Test]
    public async Task It_takes_the_place_of_one_that_is_over_and_of_no_other()
    {
        await using var other = (await _control.AnnounceAsync(Key, "{\"a\":\"over\"}", TimeToLive, default))!;
        var second = Announce(_control, "{\"a\":\"new\"}", json => json.Contains("over"));
        await UntilAsync(json => json?.Contains("new") == true);
        await using var third = Announce(_control, "{\"a\":\"third\"}", json => json.Contains("over"));
        await second.DisposeAsync();
        await UntilAsync(json => json?.Contains("third") == true);
    }

    [Test]
    public async Task It_comes_back_after_the_control_plane_was_away()
    {
        using var gated = new GatedControl(_control);
        gated.Cut();
        await using var announcement = Announce(gated, "{}");
        gated.Mend();
        await UntilAsync(json => json is not null);
    }

    private static Announcement Announce(IControlPlane control, string json, Func<string, bool>? isOver = null) =>
        new(control, Key, json, TimeToLive, isOver ?? (_ => false), BootTimeProvider.Instance);

    private Task UntilAsync(Func<string?, bool> condition) => TestCluster.UntilAsync(
        () => condition(_control.ReadAsync(Key, default).AsTask().GetAwaiter().GetResult()?.Json), "it says so");
}
