using Gateway.Smb.Opens;

namespace Gateway.Tests.Smb.Opens;

public sealed class HeldBreaksTests
{
    [Test]
    public void Breaks_wait_for_the_answer_and_keep_their_order()
    {
        var breaks = new HeldBreaks();
        var sent = new List<int>();
        breaks.Send(() => sent.Add(1));
        breaks.Send(() => sent.Add(2));
        Assert.That(sent, Is.Empty);

        breaks.Release();
        breaks.Send(() => sent.Add(3));
        Assert.That(sent, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void Each_is_sent_once()
    {
        var breaks = new HeldBreaks();
        var sent = 0;
        breaks.Send(() => sent++);
        breaks.Release();
        breaks.Release();
        Assert.That(sent, Is.EqualTo(1));
    }
}
