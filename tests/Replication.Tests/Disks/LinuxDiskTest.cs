using Gateway.Replication.Disks;

namespace Gateway.Replication.Tests.Disks;

[TestFixture("/var/tmp")]
[TestFixture("/dev/shm")]
public sealed class LinuxDiskTest(string root)
{
    private string _path = "";
    private LinuxDisk _disk = null!;

    [SetUp]
    public void Open()
    {
        _path = Path.Join(root, $"nasgate-disk-{Path.GetRandomFileName()}");
        _disk = new LinuxDisk(Path.Join(_path, "deep"));
    }

    [TearDown]
    public void Clean()
    {
        _disk.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    [Test]
    public void Starting_a_writeback_changes_nothing_that_can_be_read()
    {
        var data = new byte[1_000_000];
        new Random(8).NextBytes(data);
        using var file = _disk.Create("a");
        file.Allocate(2_000_000);
        file.Write(4096, data);
        file.StartWriteback(4096, data.Length);
        file.StartWriteback(1_500_000, 100);
        file.Write(8192, data.AsSpan(0, 100));
        file.Sync();
        data.AsSpan(0, 100).CopyTo(data.AsSpan(4096));

        var medium = new byte[data.Length];
        Assert.That(file.ReadMedium(4096, medium), Is.EqualTo(medium.Length));
        Assert.That(medium, Is.EqualTo(data));
    }

    [Test]
    public void What_was_written_is_read_through_the_cache_and_from_the_medium()
    {
        var data = new byte[3_000_001];
        new Random(7).NextBytes(data);
        using var file = _disk.Create("a");
        file.Write(5, data);
        file.Sync();
        Assert.That(file.Length, Is.EqualTo(data.Length + 5));

        foreach (var (offset, count) in new[] { (5, data.Length), (4096, 8192), (4097, 1), (2_999_000, 900), (100, 2_000_000) })
        {
            var cached = new byte[count];
            var medium = new byte[count];
            Assert.That(file.Read(offset, cached), Is.EqualTo(count));
            Assert.That(file.ReadMedium(offset, medium), Is.EqualTo(count));
            Assert.That(cached, Is.EqualTo(data.AsSpan(offset - 5, count).ToArray()));
            Assert.That(medium, Is.EqualTo(cached));
        }
    }

    [Test]
    public void Reads_stop_at_the_end_of_the_file()
    {
        using var file = _disk.Create("a");
        file.Write(0, new byte[5000]);
        var buffer = new byte[9000];
        Assert.That(file.Read(4000, buffer), Is.EqualTo(1000));
        Assert.That(file.ReadMedium(4000, buffer), Is.EqualTo(1000));
        Assert.That(file.ReadMedium(5000, buffer), Is.Zero);
        Assert.That(file.ReadMedium(60_000, buffer), Is.Zero);
    }

    [Test]
    public void A_read_from_memory_brings_the_right_bytes_or_none()
    {
        var data = new byte[300_000];
        new Random(8).NextBytes(data);
        using var file = _disk.Create("a");
        file.Write(0, data);
        foreach (var (offset, count) in new[] { (0, data.Length), (4097, 1), (123, 100_000) })
        {
            // Whether the pages are still in memory is the system's to say, and whether it can tell the file system's.
            var cached = new byte[count];
            if (file.TryReadCached(offset, cached))
                Assert.That(cached.AsSpan().SequenceEqual(data.AsSpan(offset, count)));
        }

        Assert.That(file.TryReadCached(data.Length - 10, new byte[11]), Is.False, "beyond the end");
    }

    [Test]
    public void Names_are_created_renamed_over_and_deleted()
    {
        _disk.Create("a").Dispose();
        using (var b = _disk.Create("b")) b.Write(0, [1, 2, 3]);
        Assert.That(() => _disk.Create("a"), Throws.TypeOf<DiskException>());
        _disk.Rename("b", "a");
        _disk.SyncDirectory();
        Assert.That(_disk.List(), Is.EqualTo(new[] { "a" }));
        using (var a = _disk.Open("a")) Assert.That(a.Length, Is.EqualTo(3));
        _disk.Delete("a");
        Assert.That(_disk.List(), Is.Empty);
        Assert.That(() => _disk.Open("a"), Throws.TypeOf<DiskException>().With.Property("Fault").EqualTo(DiskFault.Failed));
        Assert.That(() => _disk.Create("x/y"), Throws.ArgumentException);
    }

    [Test]
    public void Allocation_reserves_space_and_refuses_what_does_not_fit()
    {
        using var file = _disk.Create("a");
        var before = _disk.Space;
        file.Allocate(8 << 20);
        Assert.That(file.Length, Is.EqualTo(8 << 20));
        Assert.That(_disk.Space.TotalBytes, Is.EqualTo(before.TotalBytes));
        Assert.That(
            () => file.Allocate(before.TotalBytes * 2),
            Throws.TypeOf<DiskException>().With.Property("Fault").EqualTo(DiskFault.Full));
    }

    [Test]
    public void One_process_holds_the_directory()
    {
        using (var first = DirectoryLock.TryTake(_path))
        {
            Assert.That(first, Is.Not.Null);
            Assert.That(DirectoryLock.TryTake(_path), Is.Null);
        }

        using var again = DirectoryLock.TryTake(_path);
        Assert.That(again, Is.Not.Null);
    }
}
