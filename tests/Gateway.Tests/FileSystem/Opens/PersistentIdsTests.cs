using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Replication.Store;

namespace Gateway.Tests.FileSystem.Opens;

[TestFixture]
internal sealed class PersistentIdsTests
{
    private readonly MemoryVolumeStore _store = new();

    private PersistentIds Ids(byte key = 1)
    {
        var secret = new byte[SipHash.KeyBytes];
        secret[0] = key;
        return new PersistentIds(new SipHash(secret), mutation => _store.ExecuteAsync(mutation));
    }

    [Test]
    public async Task NoneIsGivenTwiceWhateverProcessGivesIt()
    {
        var seen = new HashSet<ulong>();
        foreach (var process in new[] { Ids(), Ids(), Ids() })
        {
            for (var i = 0; i < 1000; i++) Assert.That(seen.Add((await process.TakeAsync())!.Value));
        }

        Assert.That(seen, Has.None.EqualTo(0ul).And.None.EqualTo(ulong.MaxValue));
    }

    [Test]
    public async Task ManyAskAtTheSameTime()
    {
        var ids = Ids();
        var taken = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await ids.TakeAsync())));
        Assert.That(taken, Is.Unique);
    }

    [Test]
    public void ThePermutationIsOneToOneAndOfTheVolume()
    {
        var ids = Ids();
        var images = Enumerable.Range(0, 100_000).Select(number => ids.Permute((ulong)number)).ToHashSet();
        Assert.That(images, Has.Count.EqualTo(100_000));
        Assert.That(Ids(key: 2).Permute(1), Is.Not.EqualTo(ids.Permute(1)));
    }

    [Test]
    public async Task WithoutAVolumeThereIsNone()
    {
        _store.Interfere = _ => new StoreInterference(StoreOutcome.Unavailable);
        Assert.That(await Ids().TakeAsync(), Is.Null);
    }
}
