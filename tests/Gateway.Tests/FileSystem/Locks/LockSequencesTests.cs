using Gateway.FileSystem.Locks;

namespace Gateway.Tests.FileSystem.Locks;

[TestFixture]
internal sealed class LockSequencesTests
{
    [Test]
    public void OnlyTheLastOfAnIndexIsAReplay()
    {
        var sequences = new LockSequences();
        Assert.That(sequences.IsReplay(new LockNumber(1, 0)), Is.False);
        sequences.Complete(new LockNumber(1, 0));
        sequences.Complete(new LockNumber(64, 15));
        Assert.That(sequences.IsReplay(new LockNumber(1, 0)));
        Assert.That(sequences.IsReplay(new LockNumber(64, 15)));
        Assert.That(sequences.IsReplay(new LockNumber(2, 0)), Is.False);
        Assert.That(sequences.IsReplay(new LockNumber(1, 1)), Is.False);
        Assert.That(sequences.IsReplay(new LockNumber(1, 0)), Is.False, "none counts until the new one is done");
    }

    [Test]
    public void RequestsWithoutAnIndexDoNotCount([Values(0u, 65u, uint.MaxValue)] uint index)
    {
        var sequences = new LockSequences();
        sequences.Complete(new LockNumber(index, 3));
        Assert.That(sequences.IsReplay(new LockNumber(index, 3)), Is.False);
        Assert.That(sequences.After(new LockNumber(index, 3)), Is.Null);
    }

    [Test]
    public void WhatIsRecordedIsTakenOver()
    {
        var sequences = new LockSequences();
        sequences.Complete(new LockNumber(3, 4));
        var recorded = sequences.After(new LockNumber(5, 6))!;
        Assert.That(sequences.IsReplay(new LockNumber(5, 6)), Is.False, "it was not carried out yet");

        var next = new LockSequences();
        next.Restore(recorded);
        Assert.That(next.IsReplay(new LockNumber(3, 4)));
        Assert.That(next.IsReplay(new LockNumber(5, 6)));

        var other = new LockSequences();
        other.Restore([1, 2, 3]);
        Assert.That(other.IsReplay(new LockNumber(1, 0)), Is.False);
    }
}
