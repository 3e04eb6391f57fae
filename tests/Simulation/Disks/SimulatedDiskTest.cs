using Gateway.Replication.Disks;

namespace Gateway.Simulation.Disks;

public sealed class SimulatedDiskTest
{
    [Test]
    public void A_crash_keeps_what_was_flushed_and_any_part_of_the_rest()
    {
        var kept = new HashSet<int>();
        for (var seed = 0; seed < 40; seed++)
        {
            var disk = new SimulatedDisk(seed);
            using (var file = disk.Create("a"))
            {
                file.Write(0, Filled(2048, 1));
                file.Sync();
                disk.SyncDirectory();
                file.Write(0, Filled(2048, 2));
                file.Write(2048, Filled(1024, 2));
            }

            disk.Crash();
            using var after = disk.Open("a");
            var bytes = new byte[3072];
            var length = after.Read(0, bytes);
            var pattern = 0;
            for (var sector = 0; sector < length / 512; sector++)
            {
                Assert.That(bytes.AsSpan(sector * 512, 512).ToArray().Distinct().Count(), Is.EqualTo(1));
                if (bytes[sector * 512] == 2) pattern |= 1 << sector;
                else Assert.That(bytes[sector * 512], Is.EqualTo(sector < 4 ? 1 : 0));
            }

            kept.Add(pattern);
        }

        Assert.That(kept, Has.Count.GreaterThan(20));
    }

    [Test]
    public void An_unflushed_creation_or_rename_may_be_lost()
    {
        var outcomes = new HashSet<string>();
        for (var seed = 0; seed < 40; seed++)
        {
            var disk = new SimulatedDisk(seed);
            using (var file = disk.Create("a.tmp")) file.Sync();
            disk.Rename("a.tmp", "a");
            disk.Crash();
            outcomes.Add(string.Join(',', disk.List()));
        }

        Assert.That(outcomes, Is.EquivalentTo(new[] { "", "a", "a.tmp" }));
    }

    [Test]
    public void After_a_failed_flush_the_cache_shows_what_the_medium_lacks()
    {
        var disk = new SimulatedDisk(3, new SimulatedDiskOptions { SectorSurvivalRate = 0 });
        using var file = disk.Create("a");
        file.Write(0, Filled(512, 1));
        file.Sync();
        file.Write(0, Filled(512, 2));
        disk.FailSync();
        Assert.That(file.Sync, Throws.TypeOf<DiskException>());
        file.Sync();
        var bytes = new byte[512];
        file.Read(0, bytes);
        Assert.That(bytes[0], Is.EqualTo(2));
        file.ReadMedium(0, bytes);
        Assert.That(bytes[0], Is.EqualTo(1));
    }

    [Test]
    public void A_full_disk_says_so_and_a_delete_makes_room()
    {
        var disk = new SimulatedDisk(1, new SimulatedDiskOptions { CapacityBytes = 4096 });
        using var file = disk.Create("a");
        file.Allocate(4096);
        using var other = disk.Create("b");
        Assert.That(
            () => other.Write(0, Filled(1, 1)),
            Throws.TypeOf<DiskException>().With.Property("Fault").EqualTo(DiskFault.Full));
        disk.Delete("a");
        other.Write(0, Filled(1, 1));
        Assert.That(disk.Space.AvailableBytes, Is.EqualTo(4095));
    }

    [Test]
    public void Rot_reaches_both_images_and_handles_die_with_the_machine()
    {
        var disk = new SimulatedDisk(1);
        var file = disk.Create("a");
        file.Write(0, Filled(512, 1));
        file.Sync();
        disk.SyncDirectory();
        disk.Rot("a", 100, 0xFF);
        var one = new byte[1];
        file.Read(100, one);
        Assert.That(one[0], Is.EqualTo(0xFE));
        disk.Crash();
        Assert.That(() => file.Read(0, one), Throws.InvalidOperationException);
    }

    private static byte[] Filled(int count, byte value)
    {
        var bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}
