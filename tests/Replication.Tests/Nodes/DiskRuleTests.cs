using Gateway.Replication.Disks;
using Gateway.Replication.Nodes;
using Gateway.Replication.Tests.Store;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Nodes;

/// <summary>Devices that a node refuses to use (PROTOCOL §3).</summary>
public sealed class DiskRuleTests
{
    private static readonly DiskException Failure = new(DiskFault.Failed, "Input/output error");

    private readonly ManualTime _time = new();
    private string _path = "";

    [SetUp]
    public void SetUp() => _path = Directory.CreateTempSubdirectory("disk-rules-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_path, recursive: true);

    [Test]
    public void The_second_failure_within_a_day_fails_the_device_until_somebody_examined_it()
    {
        Open().Dispose();
        Fail(Failure);
        Open().Dispose();
        _time.Advance(TimeSpan.FromHours(23));
        Fail(Failure);
        var refused = Assert.Throws<DeviceFailedException>(() => Open());
        Assert.That(refused!.Message, Does.Contain(DeviceFailures.FileName));
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Throws<DeviceFailedException>(() => Open());

        File.Delete(Path.Join(_path, DeviceFailures.FileName));
        Open().Dispose();
    }

    [Test]
    public void Failures_far_apart_and_a_full_disk_fail_no_device()
    {
        for (var at = 0; at < 3; at++)
        {
            Fail(Failure);
            Fail(new DiskException(DiskFault.Full, "No space left on device"));
            Fail(new InvalidOperationException("not the disk"));
            Open().Dispose();
            _time.Advance(TimeSpan.FromHours(25));
        }
    }

    [Test]
    public async Task A_failed_node_takes_nothing_and_says_so()
    {
        var node = new FailedNode("n");
        var condition = node.Condition(new NodeConditionRequest(Guid.Empty));
        var written = await node.WriteSliceAsync(default, default, default);
        Assert.That((condition.Outcome, written.Outcome), Is.EqualTo((NodeOutcome.Failed, NodeOutcome.Failed)));
        Assert.That(node.TryPostJournal(null!, 1, null!), Is.False);
    }

    [Test]
    public void A_file_system_that_journals_data_is_refused()
    {
        var table = $"21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
            + $"22 21 8:2 / {_path} rw,relatime shared:3 - ext4 /dev/sdb1 rw,data=journal\n";
        var refused = Assert.Throws<NodeStartException>(() => Open(table));
        Assert.That(refused!.Message, Does.Contain("data=journal").And.Contains("data=ordered"));
        Open(table.Replace(_path, _path + "-other", StringComparison.Ordinal)).Dispose();
    }

    [TestCase("/", "rw,root")]
    [TestCase("/srv", "rw,root")]
    [TestCase("/srv/a", "ro,over")]
    [TestCase("/srv/a/b", "ro,over")]
    [TestCase("/srv/ab", "rw,root")]
    [TestCase("/srv/with space/x", "rw,space")]
    public void Options_are_those_of_the_innermost_and_latest_mount(string path, string options)
    {
        const string table = """
            1 0 8:1 / / rw - ext4 /dev/sda1 root
            2 1 8:2 / /srv/a rw,noatime shared:1 master:2 - xfs /dev/sdb1 under
            3 2 8:3 / /srv/a ro - ext4 /dev/sdc1 over
            4 1 8:4 / /srv/with\040space rw - ext4 /dev/sdd1 space
            not a mount
            """;
        Assert.That(string.Join(',', MountTable.OptionsOf(table, path)), Is.EqualTo(options));
    }

    [Test]
    public void The_table_of_this_process_knows_the_directory()
    {
        using var disk = new LinuxDisk(_path);
        Assert.That(MountTable.OptionsOf(MountTable.Read(), disk.RealPath), Is.Not.Empty);
    }

    private void Fail(Exception failure)
    {
        using var disk = new LinuxDisk(_path);
        DeviceFailures.TryNote(disk, failure, _time);
    }

    private BackendNode Open(string? mounts = null) => BackendNode.Open(
        new BackendNodeOptions
        {
            Node = "n",
            DataDirectory = _path,
            Cluster = new Guid("2b3c4d5e-0000-4000-8000-000000000001"),
            JournalSegmentBytes = 4 << 20,
            SliceSegmentBytes = 16 << 20,
            ReadMounts = () => mounts ?? "",
            Failed = error => Assert.Fail($"{error}"),
        },
        _time,
        NullLogger<BackendNode>.Instance);
}
