using Gateway.Simulation.Disks;

namespace Gateway.Simulation.Journal;

/// <summary>Every place a crash can hit a small history, and what it can leave of the unflushed sectors.</summary>
public sealed class JournalCrashTest
{
    private const int ExhaustiveSectorsMax = 9;
    private const int SampledStates = 60;

    [Test]
    public void A_crash_anywhere_leaves_a_state_since_the_last_acknowledgement_and_is_no_damage()
    {
        var disk = new SimulatedDisk(5);
        var script = new LogScript(LogScript.Open(disk));
        var states = 0;
        disk.BeforeChange = at => states += CheckAllCrashes(at, script);

        script.Append(1, 300);
        script.Flush();
        script.Append(1, 900, 2);
        script.Append(2, 40);
        script.Flush();
        script.TruncateFrom(3);
        script.Append(3, 200, 2);
        script.Flush();
        script.TruncateFrom(4);
        script.Flush();
        script.Append(3, 0);
        script.Append(4, 9000);
        script.Append(4, 9000);
        script.Append(4, 100);
        script.Flush();
        script.Log.Trim(5);
        script.Flush();
        script.Append(4, 3000, 3);
        script.Flush();
        Assert.That(states, Is.GreaterThan(600));
    }

    [Test]
    public void A_crash_in_the_recovery_after_a_crash_is_harmless_too()
    {
        var states = 0;
        for (var seed = 0; seed < 30; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var script = new LogScript(LogScript.Open(disk));
            script.Append(1, 2000, 3);
            script.Flush();
            script.Append(1, 2000, 2);
            script.Append(2, 700, 2);
            disk.BeforeChange = at =>
            {
                if (at.DirtySectors().Count > 10) throw new OperationCanceledException();
            };
            Assert.That(script.Log.Flush, Throws.InstanceOf<OperationCanceledException>());
            disk.BeforeChange = null;
            disk.Crash();
            var crashed = disk.Copy(seed);
            crashed.BeforeChange = at => states += CheckAllCrashes(at, script);
            script.Log = LogScript.Open(crashed);
            var recovered = LogScript.Content(script.Log);
            crashed.BeforeChange = null;
            crashed.Crash();
            Assert.That(LogScript.Content(LogScript.Open(crashed)), Has.Count.EqualTo(recovered.Count));
        }

        Assert.That(states, Is.GreaterThan(50));
    }

    [Test]
    public void Random_histories_with_crashes_and_restarts_lose_nothing_acknowledged()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var disk = new SimulatedDisk(seed);
            var script = new LogScript(LogScript.Open(disk));
            ulong epoch = 1;
            for (var step = 0; step < 60; step++)
            {
                switch (random.Next(12))
                {
                    case 0 when script.Entries.Count > 0:
                        script.TruncateFrom(script.Log.Base.Index + 1
                            + (ulong)random.NextInt64((long)(script.Log.LastIndex - script.Log.Base.Index) + 1));
                        epoch++;
                        break;
                    case 1 or 2 or 3:
                        script.Flush();
                        break;
                    case 4:
                        script.Log.PrepareSpare();
                        break;
                    case 5:
                        Restart(disk, script, random.Next(3) == 0, seed);
                        break;
                    case 6:
                        script.Flush();
                        script.Log.Trim(script.Log.Base.Index
                            + (ulong)random.NextInt64((long)(script.Log.LastIndex - script.Log.Base.Index) + 1));
                        break;
                    default:
                        script.Append(epoch, random.Next(6000), random.Next(1, 4));
                        break;
                }
            }
        }
    }

    private static void Restart(SimulatedDisk disk, LogScript script, bool processOnly, int seed)
    {
        if (processOnly) disk.RestartProcess();
        else disk.Crash();
        script.Log = LogScript.Open(disk);
        Assert.That(script.Log.RecoveredWithDamage, Is.False, $"seed {seed}");
        var content = LogScript.Content(script.Log);
        var before = (int)script.Log.Base.Index;
        var match = script.Possible.FindLast(
            state => state.Count >= before && LogScript.Same(content, state.Skip(before).ToList()));
        Assert.That(match, Is.Not.Null, $"seed {seed}: {content.Count} entries recovered");
        script.Adopt(match!);
    }

    private static int CheckAllCrashes(SimulatedDisk disk, LogScript script)
    {
        var sectors = disk.DirtySectors().Count;
        var changes = disk.UnsyncedDirectoryChanges;
        var states = 0;
        foreach (var changeMask in Subsets(changes, 4, new Random(sectors)))
        {
            foreach (var sectorMask in Subsets(sectors, ExhaustiveSectorsMax, new Random(changes)))
            {
                var copy = disk.Copy();
                var at = 0;
                copy.CrashKeeping(_ => sectorMask(at++), changeMask);
                var log = LogScript.Open(copy);
                Assert.That(log.RecoveredWithDamage, Is.False);
                Assert.That(log.Damaged, Is.Empty);
                var content = LogScript.Content(log);
                var before = (int)log.Base.Index;
                Assert.That(
                    script.Possible.Exists(state => LogScript.Same(content, state.Skip(before).ToList())), Is.True,
                    $"{content.Count} entries after base {before}");
                states++;
            }
        }

        return states;
    }

    /// <summary>All subsets of a small set; of a larger one nothing, everything, all prefixes' ends and random ones.</summary>
    private static IEnumerable<Func<int, bool>> Subsets(int count, int exhaustiveMax, Random random)
    {
        if (count <= exhaustiveMax)
        {
            for (var mask = 0; mask < 1 << count; mask++)
            {
                var kept = mask;
                yield return i => (kept >> i & 1) != 0;
            }

            yield break;
        }

        yield return _ => false;
        yield return _ => true;
        for (var state = 0; state < SampledStates; state++)
        {
            var bits = new bool[count];
            var rate = random.NextDouble();
            for (var i = 0; i < count; i++) bits[i] = random.NextDouble() < rate;
            yield return i => bits[i];
        }
    }
}
