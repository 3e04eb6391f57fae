using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Simulation.Disks;

namespace Gateway.Simulation.Journal;

public sealed class JournalLogTest
{
    private SimulatedDisk _disk = null!;
    private LogScript _script = null!;

    [SetUp]
    public void Start()
    {
        _disk = new SimulatedDisk(1);
        _script = new LogScript(LogScript.Open(_disk));
    }

    [Test]
    public void An_empty_log_stands_before_the_first_entry()
    {
        var log = _script.Log;
        Assert.That(log.Base, Is.EqualTo(default(LogBase)));
        Assert.That(log.LastIndex, Is.Zero);
        Assert.That(log.TryGetPosition(0, out var epoch, out var chain), Is.True);
        Assert.That((epoch, chain), Is.EqualTo((0UL, 0UL)));
        Assert.That(log.Read(1).Presence, Is.EqualTo(EntryPresence.Absent));
        Assert.That(log.RecoveredWithDamage, Is.False);
        Assert.That(log.Flush(), Is.Zero);
    }

    [Test]
    public void Entries_are_readable_at_once_and_after_a_restart_over_many_segments()
    {
        for (var i = 0; i < 60; i++)
        {
            _script.Append(1 + (ulong)i / 20, 100 + i * 70, 1 + i % 3);
            Assert.That(LogScript.Same(LogScript.Content(_script.Log), _script.Entries), Is.True);
            if (i % 2 == 0) _script.Flush();
        }

        _script.Flush();
        Assert.That(_script.Log.FlushedIndex, Is.EqualTo(_script.Log.LastIndex));
        Assert.That(_disk.List(), Has.Count.GreaterThan(5));
        _disk.Crash();
        var again = LogScript.Open(_disk);
        Assert.That(again.RecoveredWithDamage, Is.False);
        Assert.That(LogScript.Same(LogScript.Content(again), _script.Entries), Is.True);
        foreach (var entry in _script.Entries)
        {
            Assert.That(again.TryGetPosition(entry.Index, out var epoch, out var chain), Is.True);
            Assert.That((epoch, chain), Is.EqualTo((entry.Epoch, entry.Chain)));
        }
    }

    [Test]
    public void One_flush_makes_data_and_identifier_durable()
    {
        _script.Append(1, 100);
        var before = _disk.Syncs;
        _script.Flush();
        Assert.That(_disk.Syncs - before, Is.EqualTo(1));
    }

    [Test]
    public void Restarts_go_on_in_the_same_segment_and_a_suspect_one_does_not()
    {
        for (var i = 0; i < 3; i++)
        {
            _script.Append(1, 50);
            _script.Flush();
            _disk.Crash();
            _script.Log = LogScript.Open(_disk);
            Assert.That(_disk.List(), Has.Count.EqualTo(1));
        }

        _script.Log = LogScript.Open(_disk, suspect: true);
        Assert.That(_disk.List(), Has.Count.EqualTo(2));
        _script.Append(1, 50);
        _script.Flush();
        _disk.Crash();
        var last = LogScript.Open(_disk);
        Assert.That(last.RecoveredWithDamage, Is.False);
        Assert.That(LogScript.Same(LogScript.Content(last), _script.Entries), Is.True);
    }

    [Test]
    public void Truncated_entries_never_come_back()
    {
        _script.Append(1, 100, 6);
        _script.Flush();
        _script.TruncateFrom(4);
        _script.Flush();
        _disk.Crash();
        _script.Log = LogScript.Open(_disk);
        Assert.That(_script.Log.LastIndex, Is.EqualTo(3));
        _script.Append(2, 100);
        _script.TruncateFrom(2);
        _script.Append(3, 100, 2);
        _script.Flush();
        _disk.Crash();
        Assert.That(LogScript.Same(LogScript.Content(LogScript.Open(_disk)), _script.Entries), Is.True);
    }

    [Test]
    public void Trimming_deletes_whole_segments_and_keeps_the_position_before_the_rest()
    {
        for (var i = 0; i < 40; i++)
        {
            _script.Append(1, 3000);
            _script.Flush();
        }

        var files = _disk.List().Count;
        _script.Log.Trim(30);
        _script.Log.Flush();
        Assert.That(_script.Log.PrepareSpare(), Is.True);
        Assert.That(_disk.List(), Has.Count.LessThan(files));
        var start = _script.Log.Base;
        Assert.That(start.Index, Is.GreaterThan(20).And.LessThanOrEqualTo(30));
        Assert.That(start.Chain, Is.EqualTo(_script.Entries[(int)start.Index - 1].Chain));
        Assert.That(_script.Log.Read(start.Index).Presence, Is.EqualTo(EntryPresence.Trimmed));

        _disk.Crash();
        var again = LogScript.Open(_disk);
        Assert.That(again.Base, Is.EqualTo(start));
        Assert.That(again.RecoveredWithDamage, Is.False);
        Assert.That(LogScript.Same(LogScript.Content(again), _script.Entries.Skip((int)start.Index).ToList()), Is.True);
    }

    // Found by the simulator, seed 1033270: of the segments that remain, the first began with two trims, and the later
    // one, beyond what was left of the log before it, counted as damage.
    [Test]
    public void Trims_at_the_head_of_the_first_segment_that_is_left_are_no_damage([Range(1, 7)] int appends)
    {
        for (var round = 0; round < 30; round++)
        {
            for (var i = 0; i < appends; i++)
            {
                _script.Append(1, 3000);
                _script.Flush();
            }

            for (var back = 2 * appends; back >= 0; back -= appends)
            {
                if (_script.Log.LastIndex <= (ulong)back) continue;
                _script.Log.Trim(_script.Log.LastIndex - (ulong)back);
                _script.Flush();
                _script.Log.PrepareSpare();

                var again = LogScript.Open(_disk.Copy());
                Assert.That(again.RecoveredWithDamage, Is.False, $"round {round}, {back} entries behind the end");
                Assert.That(again.Base, Is.EqualTo(_script.Log.Base));
                Assert.That(again.LastIndex, Is.EqualTo(_script.Log.LastIndex));
            }
        }
    }

    [Test]
    public void A_base_replaces_the_log()
    {
        _script.Append(1, 100, 5);
        _script.Flush();
        var wanted = new LogBase(100, 7, 42);
        _script.Log.InstallBase(wanted);
        _script.Log.Flush();
        var next = JournalChain.Follow(100, 42, 8, JournalEntryType.EpochStart, new byte[10]);
        _script.Log.Append([next]);
        _script.Log.Flush();
        _disk.Crash();
        var again = LogScript.Open(_disk);
        Assert.That((again.Base, again.LastIndex, again.LastEpoch), Is.EqualTo((wanted, 101UL, 8UL)));
        Assert.That(again.Read(5).Presence, Is.EqualTo(EntryPresence.Trimmed));
        Assert.That(again.RecoveredWithDamage, Is.False);
    }

    [Test]
    public void A_missing_segment_is_damage()
    {
        for (var i = 0; i < 40; i++)
        {
            _script.Append(1, 3000);
            _script.Flush();
        }

        foreach (var lost in new[] { 0, 2 })
        {
            var copy = _disk.Copy();
            copy.Delete(copy.List()[lost]);
            copy.SyncDirectory();
            copy.Crash();
            var again = LogScript.Open(copy);
            Assert.That(again.RecoveredWithDamage, Is.True);
            Assert.That(again.LastIndex, Is.EqualTo(40));
        }

        var empty = new SimulatedDisk(3);
        Assert.That(JournalLog.Open(empty, LogScript.Options with { MustExist = true }).RecoveredWithDamage, Is.True);
    }

    [Test]
    public void Damage_is_reported_repaired_by_append_and_gone_after_a_restart()
    {
        _script.Append(1, 600, 3);
        _script.Append(2, 600, 3);
        _script.Flush();
        _script.Append(2, 100);
        _script.Flush();
        var offset = JournalFormat.DataOffset(32 << 10) + JournalFormat.BlockBytes + GroupHeader.Bytes + 700;
        _disk.Rot(_disk.List()[0], offset);
        _disk.Crash();
        var log = LogScript.Open(_disk);
        Assert.That(log.RecoveredWithDamage, Is.True);
        Assert.That(log.Damaged, Is.EqualTo(new[] { new EntryId(2, 1) }));
        Assert.That(log.LastIndex, Is.EqualTo(7));
        Assert.That(log.Read(2).Presence, Is.EqualTo(EntryPresence.Damaged));

        log.Append([_script.Entries[1]]);
        log.Flush();
        Assert.That(log.Damaged, Is.Empty);
        _disk.Crash();
        var again = LogScript.Open(_disk);
        Assert.That(again.RecoveredWithDamage, Is.False);
        Assert.That(LogScript.Same(LogScript.Content(again), _script.Entries), Is.True);
    }

    [Test]
    public void Rot_under_a_running_log_is_found_by_reads_and_by_scrubbing()
    {
        _script.Append(1, 600, 6);
        _script.Flush();
        var data = JournalFormat.DataOffset(32 << 10) + JournalFormat.BlockBytes + GroupHeader.Bytes;
        _disk.Rot(_disk.List()[0], data + 100);
        Assert.That(_script.Log.Read(1).Presence, Is.EqualTo(EntryPresence.Damaged));
        _disk.Rot(_disk.List()[0], data + 640 * 3 + 100);
        var next = _script.Log.Scrub(1, 1500, out var read);
        Assert.That(next, Is.Not.Zero);
        Assert.That(read, Is.InRange(1500, 2600));
        Assert.That(_script.Log.Scrub(next, 1 << 20, out _), Is.Zero);
        Assert.That(_script.Log.Damaged.Select(e => e.Index), Is.EqualTo(new[] { 1UL, 4UL }));
        Assert.That(_script.Log.DamageFound, Is.EqualTo(2));
    }

    [Test]
    public void A_failed_flush_poisons_and_recovery_believes_the_medium_only()
    {
        _script.Append(1, 100, 2);
        _script.Flush();
        _script.Append(1, 100, 2);
        _disk.Options = _disk.Options with { SectorSurvivalRate = 0 };
        _disk.FailSync();
        Assert.That(() => _script.Log.Flush(), Throws.TypeOf<DiskException>());
        Assert.That(() => _script.Log.Flush(), Throws.TypeOf<DiskException>());
        Assert.That(() => _script.Log.Read(1), Throws.TypeOf<DiskException>());
        _disk.RestartProcess();
        var log = LogScript.Open(_disk, suspect: true);
        Assert.That(log.LastIndex, Is.EqualTo(2));
        Assert.That(log.RecoveredWithDamage, Is.False);
    }

    [Test]
    public void A_full_disk_is_known_before_an_append_and_ends_with_a_trim()
    {
        _disk.Options = _disk.Options with { CapacityBytes = 4 * (32 << 10) };
        for (var i = 0; _script.Log.HasRoomFor(1, 3000); i++)
        {
            Assert.That(i, Is.LessThan(100));
            _script.Append(1, 3000);
            _script.Flush();
        }

        _script.Log.Trim(_script.Log.LastIndex);
        _script.Log.Flush();
        Assert.That(_script.Log.HasRoomFor(1, 3000), Is.True);
        _script.Append(1, 3000, 3);
        _script.Flush();
        _disk.Crash();
        Assert.That(LogScript.Open(_disk).LastIndex, Is.EqualTo(_script.Log.LastIndex));
    }
}
