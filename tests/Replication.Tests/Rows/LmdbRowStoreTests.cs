using System.Diagnostics;
using System.Text;
using Gateway.Replication.Disks;
using Gateway.Replication.Rows;

namespace Gateway.Replication.Tests.Rows;

[TestFixture(true)]
[TestFixture(false)]
public sealed class LmdbRowStoreTests(bool writeMap) : RowStoreConformance
{
    private LmdbOptions Options { get; } = new() { MapBytes = 32 << 20, BootId = "boot-1", WriteMap = writeMap };


    private readonly List<string> _directories = [];
    private string _directory = "";

    [Test]
    public void What_was_published_survives_the_process_and_what_was_staged_does_not()
    {
        Apply(7, ("a", "1"), ("b", "2"));
        var writer = new RowBatchWriter();
        writer.Put("c"u8, "3"u8);
        Store.Stage(new RowBatchReader(writer.Written), new AppliedPosition(8, 1, 8));

        using var copy = LmdbRowStore.Open(CopyAsAfterKill(), Options);
        Assert.That((copy.Applied.Index, copy.Count), Is.EqualTo((7UL, 2L)));
        Assert.That(copy.SetHash, Is.EqualTo(unchecked(RowHash.Of("a"u8, "1"u8) + RowHash.Of("b"u8, "2"u8))));
    }

    [Test]
    public void A_crash_of_the_machine_discards_the_rows()
    {
        Apply(7, ("a", "1"));
        using var copy = LmdbRowStore.Open(CopyAsAfterKill(), Options with { BootId = "boot-2" });
        Assert.That((copy.Applied, copy.Count), Is.EqualTo((default(AppliedPosition), 0L)));
    }

    [Test]
    public void Rows_closed_in_order_survive_the_machine()
    {
        Apply(7, ("a", "1"));
        Store.Dispose();
        using (var next = LmdbRowStore.Open(_directory, Options with { BootId = "boot-2" }))
            Assert.That(next.Applied.Index, Is.EqualTo(7));

        // And the clean mark does not outlive the next opening.
        using var again = LmdbRowStore.Open(_directory, Options with { BootId = "boot-2" });
        var copied = Copy(_directory);
        using var copy = LmdbRowStore.Open(copied, Options with { BootId = "boot-3" });
        Assert.That(copy.Count, Is.Zero);
    }

    [Test]
    public void A_rebuild_that_did_not_end_is_discarded()
    {
        var writer = new RowBatchWriter();
        writer.Put("a"u8, "1"u8);
        Store.Apply(new RowBatchReader(writer.Written), default);
        using var copy = LmdbRowStore.Open(CopyAsAfterKill(), Options);
        Assert.That(copy.Count, Is.Zero);
    }

    [Test]
    public void A_file_of_noise_is_discarded()
    {
        Apply(7, ("a", "1"));
        var directory = CopyAsAfterKill();
        var noise = new byte[64 << 10];
        new Random(3).NextBytes(noise);
        File.WriteAllBytes(Path.Join(directory, "data.mdb"), noise);
        using var copy = LmdbRowStore.Open(directory, Options);
        Assert.That(copy.Count, Is.Zero);
    }

    [Test]
    public void A_directory_is_opened_once() =>
        Assert.That(() => LmdbRowStore.Open(_directory, Options), Throws.InstanceOf<IOException>());

    [Test]
    public void Resident_pages_are_released_under_readers_and_a_writer()
    {
        var writer = new RowBatchWriter();
        var random = new Random(8);
        var model = new SortedDictionary<byte[], byte[]>(new ByteOrder());
        using var before = Store.OpenSnapshot();
        for (var index = 1UL; index <= 60; index++)
        {
            writer.Clear();
            for (var i = 0; i < 50; i++)
            {
                byte[] key = [(byte)random.Next(4), (byte)random.Next(256)];
                var value = new byte[random.Next(6000)];
                random.NextBytes(value);
                writer.Put(key, value);
                model[key] = value;
            }

            Store.Stage(new RowBatchReader(writer.Written), new AppliedPosition(index, 1, 1));
            ((LmdbRowStore)Store).ReleaseResident();
            Store.Publish();
            ((LmdbRowStore)Store).ReleaseResident();
        }

        Assert.That(before.Count, Is.Zero);
        using var snapshot = Store.OpenSnapshot();
        using var cursor = snapshot.OpenCursor();
        foreach (var (key, value) in model)
            Assert.That(cursor.MoveNext() && cursor.Key.SequenceEqual(key) && cursor.Value.SequenceEqual(value));
    }

    [Test]
    public void A_full_disk_fails_the_change_and_keeps_what_was_published()
    {
        var directory = NewDirectory();
        if (Run("mount", "-t", "tmpfs", "-o", "size=24m", "none", directory) != 0)
            Assert.Ignore("Only root can mount a small file system.");
        try
        {
            var (index, hash) = FillUp(directory);
            Assert.That(index, Is.GreaterThan(100));
            using var again = LmdbRowStore.Open(directory, Options with { MapBytes = 1 << 30 });
            Assert.That((again.Applied.Index, again.SetHash), Is.EqualTo((index, hash)));
        }
        finally
        {
            Run("umount", "--lazy", directory);
        }
    }

    [Test]
    public void The_map_grows_under_readers()
    {
        using var small = LmdbRowStore.Open(NewDirectory(), Options with { MapBytes = 1 << 20 });
        var writer = new RowBatchWriter();
        var value = new byte[1000];
        var stop = 0;
        var reader = Task.Run(() =>
        {
            var rounds = 0;
            for (; Volatile.Read(ref stop) == 0; rounds++)
            {
                using var snapshot = small.OpenSnapshot();
                using var cursor = snapshot.OpenCursor();
                var count = 0L;
                for (var found = cursor.Seek(default); found && count < 50; found = cursor.MoveNext()) count++;
                if (count != Math.Min(snapshot.Count, 50)) return -1;
            }

            return rounds;
        });
        for (var index = 1UL; index <= 800; index++)
        {
            writer.Clear();
            for (var i = 0; i < 20; i++) writer.Put(Encoding.ASCII.GetBytes($"{index:d6}-{i}"), value);
            small.Apply(new RowBatchReader(writer.Written), new AppliedPosition(index, 1, 1));
        }

        Volatile.Write(ref stop, 1);
        Assert.That(reader.GetAwaiter().GetResult(), Is.GreaterThanOrEqualTo(0));
        Assert.That(small.Count, Is.EqualTo(16_000));
        Assert.That(small.UsedBytes, Is.GreaterThan(10 << 20));
    }

    private protected override IRowStore Create() => LmdbRowStore.Open(_directory = NewDirectory(), Options);

    private protected override void Delete()
    {
        foreach (var directory in _directories) Directory.Delete(directory, recursive: true);
        _directories.Clear();
    }

    private (ulong Index, ulong Hash) FillUp(string directory)
    {
        using var rows = LmdbRowStore.Open(directory, Options with { MapBytes = 1 << 30 });
        var writer = new RowBatchWriter();
        var (index, hash) = (0UL, 0UL);
        try
        {
            for (; index < 1000; hash = rows.SetHash, index++)
            {
                writer.Clear();
                for (byte k = 0; k < 20; k++) writer.Put([(byte)(index / 256), (byte)(index % 256), k], new byte[3000]);
                rows.Apply(new RowBatchReader(writer.Written), new AppliedPosition(index + 1, 1, 1));
            }
        }
        catch (Exception full) when (full is DiskException { Fault: DiskFault.Full } or LmdbException { IsFull: true })
        {
            return (index, hash);
        }

        throw new AssertionException("A disk of 24 MiB took 60 MB.");
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode;
    }

    // What the page cache holds is what a process that was killed leaves behind.
    private string CopyAsAfterKill() => Copy(_directory);

    private string Copy(string from)
    {
        var directory = NewDirectory();
        foreach (var name in new[] { "data.mdb", "mark" })
            File.Copy(Path.Join(from, name), Path.Join(directory, name));
        return directory;
    }

    private string NewDirectory()
    {
        var directory = Directory.CreateTempSubdirectory("rows-").FullName;
        _directories.Add(directory);
        return directory;
    }
}
