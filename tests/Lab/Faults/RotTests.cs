using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Faults;

/// <summary>Flipped bytes on one node, in the middle and at the end of a slice and of the journal.</summary>
[TestFixture, Category("Faults")]
public sealed class RotTests
{
    private const int Node = 1;
    private const int LargeBytes = 12 << 20;
    private const int BlockBytes = 1 << 20;
    private const int SmallFiles = 40;
    private const int SmallBytes = 4096;
    private const int Flips = 4;

    // A round of scrub, and the pause before the next.
    private static readonly TimeSpan ScrubMax = TimeSpan.FromSeconds(150);

    private readonly byte[] _large = new byte[LargeBytes];
    private readonly byte[][] _small = new byte[SmallFiles][];
    private readonly List<string> _wrongReads = [];
    private long _found;
    private long _repaired;
    private bool _clean;
    private string _verified = "";
    private bool _cleanAfterRestart;
    private string _verifiedAfterRestart = "";

    [OneTimeSetUp]
    public async Task FlipAndWait()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using (var share = network.Mount(0x100))
            WriteAll(share);

        var data = cluster.DataOf(Node);
        RottenFile.Flip(data, "slices-*.segment", _large.AsSpan(LargeBytes / 2, 64));
        RottenFile.Flip(data, "slices-*.segment", _large.AsSpan(LargeBytes - 64, 64));
        RottenFile.Flip(data, "journal-*.segment", _small[SmallFiles / 2].AsSpan(0, 64));
        RottenFile.Flip(data, "journal-*.segment", _small[^1].AsSpan(SmallBytes - 64, 64));

        // Forgets what it has in memory, so that it reads from the nodes.
        await cluster.StopGatewayAsync();
        await cluster.StartGatewayAsync();
        using (var share = network.Mount(0x200))
            ReadAll(share, "after the flips");

        await Poll.UntilAsync(
            async () =>
            {
                (_found, _repaired) = await DamageAsync(cluster);
                return _found >= Flips && _repaired >= _found;
            },
            ScrubMax);
        (_clean, _verified) = await VerifyAsync(cluster);

        // The same at a start, which has to tell rot from a torn end.
        await cluster.StopNodeAsync(Node);
        RottenFile.Flip(data, "slices-*.segment", _large.AsSpan(LargeBytes / 4, 64));
        await cluster.StartNodeAsync(Node);
        await cluster.LevelAsync(ScrubMax);
        using (var share = network.Mount(0x300))
            ReadAll(share, "after the restart");
        await Poll.UntilAsync(
            async () =>
            {
                (_cleanAfterRestart, _verifiedAfterRestart) = await VerifyAsync(cluster);
                return _cleanAfterRestart;
            },
            ScrubMax);
    }

    [Test]
    public void ReadsStayRight() => Assert.That(_wrongReads, Is.Empty);

    [Test]
    public void ScrubFindsTheSlicesAndStatusCountsThem() => Assert.That(_found, Is.GreaterThanOrEqualTo(2), _verified);

    [Test]
    public void ScrubFindsTheJournalEntriesToo() => Assert.That(_found, Is.GreaterThanOrEqualTo(Flips), _verified);

    [Test]
    public void RepairMendsWhatWasFound() => Assert.That(_repaired, Is.GreaterThanOrEqualTo(_found), _verified);

    [Test]
    public void EveryReplicaIsRightAgain() => Assert.That(_clean, _verified);

    [Test]
    public void ANodeThatRottedWhileItWasDownIsMendedToo() => Assert.That(_cleanAfterRestart, _verifiedAfterRestart);

    private static async Task<(long Found, long Repaired)> DamageAsync(LabCluster cluster)
    {
        var volumes = (await cluster.Nasgate.StatusAsync()).GetProperty("volumes").EnumerateArray().ToList();
        return (
            volumes.Sum(volume => volume.GetProperty("damageFound").GetInt64()),
            volumes.Sum(volume => volume.GetProperty("damageRepaired").GetInt64()));
    }

    private static async Task<(bool Clean, string Text)> VerifyAsync(LabCluster cluster)
    {
        var (clean, report) = await cluster.Nasgate.VerifyAsync();
        return (clean, report.ToString());
    }

    private static string SmallName(int i) => string.Create(CultureInfo.InvariantCulture, $"small{i}");

    private void WriteAll(NfsShare share)
    {
        var random = new Random(5);
        random.NextBytes(_large);
        var large = share.Create(share.Root, "large").Handle!.Value;
        for (var offset = 0; offset < LargeBytes; offset += BlockBytes)
            share.Write(large, (ulong)offset, _large.AsSpan(offset, BlockBytes), Nfs3Stability.Unstable);
        Assert.That(share.Commit(large).Status, Is.EqualTo(Nfs3Status.Ok));
        for (var i = 0; i < SmallFiles; i++)
        {
            _small[i] = new byte[SmallBytes];
            random.NextBytes(_small[i]);
            var small = share.Create(share.Root, SmallName(i)).Handle!.Value;
            var written = share.Write(small, 0, _small[i], Nfs3Stability.FileSync);
            Assert.That(written.Status, Is.EqualTo(Nfs3Status.Ok));
        }
    }

    private void ReadAll(NfsShare share, string when)
    {
        var large = share.Lookup(share.Root, "large").Handle;
        for (var offset = 0; offset < LargeBytes; offset += BlockBytes)
        {
            var read = share.Read(large, (ulong)offset, BlockBytes);
            if (read.Status != Nfs3Status.Ok || !read.Content.SequenceEqual(_large.AsSpan(offset, BlockBytes)))
                _wrongReads.Add($"large at {offset} {when}: {read.Status}, {read.Content.Length} bytes");
        }

        for (var i = 0; i < SmallFiles; i++)
        {
            var read = share.Read(share.Lookup(share.Root, SmallName(i)).Handle, 0, SmallBytes);
            if (read.Status != Nfs3Status.Ok || !read.Content.SequenceEqual(_small[i]))
                _wrongReads.Add($"{SmallName(i)} {when}: {read.Status}, {read.Content.Length} bytes");
        }
    }
}
