using Gateway.Replication.Journal;
using Gateway.Simulation.Disks;

namespace Gateway.Simulation.Journal;

/// <summary>One flipped byte anywhere is either harmless or known, and never costs an entry without saying so.</summary>
public sealed class JournalRotTest
{
    private const int SegmentBytes = 32 << 10;

    [TestCase(0, TestName = "In_a_sealed_segment")]
    [TestCase(1, TestName = "In_the_segment_being_written")]
    public void Every_flipped_byte_is_detected_and_classified(int segment)
    {
        var disk = new SimulatedDisk(9);
        var script = new LogScript(LogScript.Open(disk));
        script.Append(1, 700, 3);
        script.Flush();
        script.Append(2, 5000);
        script.Flush();
        script.Append(2, 6000);
        script.Append(2, 600);
        script.Flush();
        script.Append(2, 6000);
        script.Flush();
        script.Append(3, 300, 2);
        script.Flush();
        Assert.That(disk.List(), Has.Count.EqualTo(2));

        int damagedStates = 0, intactStates = 0;
        for (var offset = 0; offset < SegmentBytes; offset++)
        {
            var copy = disk.Copy();
            copy.Rot(disk.List()[segment], offset, (byte)(1 << offset % 8));
            copy.Crash();
            var log = LogScript.Open(copy);
            Assert.That(log.LastIndex, Is.EqualTo(script.Log.LastIndex), $"offset {offset}");
            var content = LogScript.Content(log);
            var damaged = Enumerable.Range(0, content.Count).Where(i => content[i] is null).ToList();
            Assert.That(log.Damaged.Select(e => (int)e.Index - 1), Is.EqualTo(damaged), $"offset {offset}");
            Assert.That(log.Damaged.All(e => e.Epoch == script.Entries[(int)e.Index - 1].Epoch), Is.True);
            Assert.That(log.RecoveredWithDamage, Is.EqualTo(damaged.Count > 0), $"offset {offset}");
            foreach (var i in damaged) content[i] = script.Entries[i];
            Assert.That(LogScript.Same(content, script.Entries), Is.True, $"offset {offset}");
            if (damaged.Count > 0) damagedStates++;
            else intactStates++;
        }

        Assert.That(damagedStates, Is.GreaterThan(600));
        Assert.That(intactStates, Is.GreaterThan(JournalFormat.BlockBytes));
    }
}
