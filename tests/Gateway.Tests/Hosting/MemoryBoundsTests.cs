using System.Globalization;
using Gateway.FileSystem;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;
using Gateway.Replication.Wire;
using Gateway.Smb;
using Gateway.Sockets;

namespace Gateway.Tests.Hosting;

/// <summary>What each holder of memory may take as it is configured, the table of the documentation, and the sum.</summary>
public sealed class MemoryBoundsTests
{
    private const int ResidentMebibytesMax = 600;

    private static readonly (string Holder, long BytesMax)[] Bounds = Read();

    [Test]
    public void The_sum_stays_below_what_is_promised()
    {
        Assert.That(Bounds.Sum(bound => bound.BytesMax) >> 20, Is.LessThan(ResidentMebibytesMax));
        Assert.That(Bounds.Select(bound => bound.BytesMax), Is.All.Positive);
    }

    [Test]
    public void The_documentation_tells_each_of_them()
    {
        var expected = Bounds.Append(("sum", Bounds.Sum(bound => bound.BytesMax))).Select(Row);
        Assert.That(DocumentedRows(), Is.EqualTo(expected));
    }

    private static (string Holder, long BytesMax)[] Read()
    {
        var files = new FileTreeOptions();
        var volume = new ReplicationOptions
        {
            Volume = "files",
            Nodes = [new NodeAddress("n1", "127.0.0.1", 1)],
            Trust = new LinkTrust(ClusterSecret.FromKey(new byte[32])),
            OwnerAddress = "test",
            RowsDirectory = "rows",
        };
        var record = new VolumeRecord
        {
            VolumeId = Guid.Empty,
            Epoch = 1,
            OwnerId = 1,
            OwnerAddress = "test",
            ConfigGeneration = 1,
            Members = [],
            LeaseMilliseconds = 2000,
        };
        var owner = new OwnerOptions { Record = record, Applied = default };
        return
        [
            ("mapped files: the pages of the rows in use, and the program", new LmdbOptions().ResidentFileBytesMax),
            ("written data that is not durable yet", files.WriteBackBytesMax),
            ("its buffers kept for reuse", files.WriteBackRetainedBytes),
            ("requests being served, of NFS and SMB", TransferMemory.RequestBytesMax),
            ("replies being served", TransferMemory.ReplyBytesMax),
            ("their buffers kept for reuse", TransferBuffers.RetainedBytesMax),
            ("requests of SMB that wait for a lock, a lease or a change", new SmbLimits().PendingBytesMax),
            ("slices read last", volume.SliceCacheBytes),
            ("slices on their way to nodes", volume.StragglerBytesMax),
            ("their buffers kept for reuse", PayloadBuffers.RetainedBytesMax),
            ("recent journal entries", owner.RingBytesMax),
            ("committed entries not applied yet", volume.Store.ReplayBytesMax),
        ];
    }

    private static string Row((string Holder, long BytesMax) bound) =>
        string.Create(CultureInfo.InvariantCulture, $"| {bound.Holder} | {bound.BytesMax >> 20} |");

    private static IEnumerable<string> DocumentedRows() =>
        File.ReadLines(Path.Join(Root(), "docs", "operations.md"))
            .SkipWhile(line => line != "## Memory")
            .SkipWhile(line => line != "|---|---|")
            .Skip(1)
            .TakeWhile(line => line.StartsWith('|'));

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Join(directory, "Gateway.sln"))) directory = Path.GetDirectoryName(directory)!;
        return directory;
    }
}
