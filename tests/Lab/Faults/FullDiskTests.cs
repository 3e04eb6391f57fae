using System.Diagnostics;
using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Faults;

/// <summary>Full disks: on one node nobody notices; on all of them clients read NOSPC and nothing else.</summary>
[TestFixture, Category("Faults")]
public sealed class FullDiskTests
{
    private const int DiskMebibytes = 768;
    private const int BlockBytes = 1 << 20;
    private const int FileBlocks = 16;
    private const int Node = 2;

    private static readonly TimeSpan SpaceBackMax = TimeSpan.FromSeconds(90);

    private readonly byte[] _block = new byte[BlockBytes];
    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private LabCluster _cluster = null!;

    [SetUp]
    public async Task StartOnSmallDisks()
    {
        new Random(3).NextBytes(_block);
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _cluster = new LabCluster(_network, _directory);
        for (var node = 0; node < LabCluster.NodeCount; node++)
            _directory.MountSmall(LabCluster.IdOf(node), DiskMebibytes);
        await _cluster.StartAsync();
    }

    [TearDown]
    public void Remove()
    {
        _cluster.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task OneFullNodeIsNoErrorAndIsHealedWhenItHasRoom()
    {
        using var share = Mount(0x100);
        Assert.That(WriteFile(share, "before"), Is.EqualTo(Nfs3Status.Ok));
        var filler = _directory[LabCluster.IdOf(Node) + "/filler"];
        DiskFiller.Fill(filler);
        for (var i = 0; i < 6; i++)
        {
            Assert.That(WriteFile(share, Name("during", i)), Is.EqualTo(Nfs3Status.Ok));
            Assert.That(share.MkDir(share.Root, Name("directory", i)).Status, Is.EqualTo(Nfs3Status.Ok));
        }

        File.Delete(filler);
        await _cluster.LevelAsync(SpaceBackMax);
        for (var i = 0; i < 6; i++)
            AssertContent(share, Name("during", i));
        var (clean, report) = await _cluster.Nasgate.VerifyAsync();
        Assert.That(clean, report.ToString());
    }

    [Test]
    public async Task AFullVolumeSaysSoAndGoesOnWhenFilesAreRemoved()
    {
        using var share = Mount(0x100);
        var complete = 0;
        Nfs3Status status;
        do
        {
            status = WriteFile(share, Name("file", complete));
            complete += status == Nfs3Status.Ok ? 1 : 0;
        }
        while (status == Nfs3Status.Ok && complete * FileBlocks < 4 * DiskMebibytes);

        TestContext.Progress.WriteLine($"measured: {complete * FileBlocks} MiB fit on disks of {DiskMebibytes} MiB");
        Assert.That(status, Is.EqualTo(Nfs3Status.NoSpace));
        Assert.That(complete * FileBlocks, Is.GreaterThan(DiskMebibytes / 4), "the disks are hardly used");
        for (var i = 0; i < complete; i++)
            AssertContent(share, Name("file", i));

        for (var i = 0; i < complete; i += 2)
            Assert.That(share.Remove(share.Root, Name("file", i)).Status, Is.EqualTo(Nfs3Status.Ok));
        share.Remove(share.Root, Name("file", complete));
        var back = Stopwatch.GetTimestamp();
        while ((status = WriteFile(share, "again")) == Nfs3Status.NoSpace
            && Stopwatch.GetElapsedTime(back) < SpaceBackMax)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        TestContext.Progress.WriteLine(
            $"measured: space came back after {Stopwatch.GetElapsedTime(back).TotalSeconds:0.0} s");
        Assert.That(status, Is.EqualTo(Nfs3Status.Ok));
        AssertContent(share, "again");
        for (var i = 1; i < complete; i += 2)
            AssertContent(share, Name("file", i));

        await _cluster.LevelAsync(SpaceBackMax);
        var (clean, report) = await _cluster.Nasgate.VerifyAsync();
        Assert.That(clean, report.ToString());
    }

    private static string Name(string kind, int i) => string.Create(CultureInfo.InvariantCulture, $"{kind}{i}");

    private NfsShare Mount(uint firstXid) => _network.Mount(firstXid, replyMax: TimeSpan.FromSeconds(60));

    /// <summary>The status of the first call that fails, or Ok when all is on disk.</summary>
    private Nfs3Status WriteFile(NfsShare share, string name)
    {
        var created = share.Create(share.Root, name);
        if (created.Status != Nfs3Status.Ok)
            return created.Status;

        var handle = created.Handle!.Value;
        for (var i = 0; i < FileBlocks; i++)
        {
            var written = share.Write(handle, (ulong)i * BlockBytes, _block, Nfs3Stability.Unstable);
            if (written.Status != Nfs3Status.Ok)
                return written.Status;
        }

        return share.Commit(handle).Status;
    }

    private void AssertContent(NfsShare share, string name)
    {
        var handle = share.Lookup(share.Root, name).Handle;
        for (var i = 0; i < FileBlocks; i++)
        {
            var read = share.Read(handle, (ulong)i * BlockBytes, BlockBytes);
            Assert.That(
                read.Status == Nfs3Status.Ok && read.Content.SequenceEqual(_block),
                $"{name}, block {i}: {read.Status}");
        }
    }
}
