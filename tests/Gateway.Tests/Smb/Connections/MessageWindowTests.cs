using Gateway.Protocol.Smb2;
using Gateway.Smb;
using Gateway.Smb.Connections;

namespace Gateway.Tests.Smb.Connections;

public sealed class MessageWindowTests
{
    [Test]
    public void A_new_connection_has_one_id()
    {
        var window = new MessageWindow();

        Assert.That(window.TryUse(1, 1), Is.False);
        Assert.That(window.TryUse(0, 2), Is.False);
        Assert.That(window.TryUse(0, 1));
        Assert.That(window.TryUse(0, 1), Is.False, "used before");
        Assert.That(window.Granted, Is.Zero);
    }

    [Test]
    public void Ids_may_come_in_any_order_but_once()
    {
        var window = Granted(10);

        Assert.That(window.TryUse(5, 1));
        Assert.That(window.TryUse(1, 4));
        Assert.That(window.TryUse(5, 1), Is.False);
        Assert.That(window.TryUse(4, 3), Is.False, "one of them was used");
        Assert.That(window.TryUse(6, 5));
        Assert.That(window.TryUse(11, 1), Is.False, "not granted");
    }

    [Test]
    public void What_was_asked_for_is_granted_up_to_the_maximum()
    {
        var window = new MessageWindow();
        Assert.That(window.TryUse(0, 1));

        Assert.That(window.Grant(1, 100, mayGrow: true), Is.EqualTo(100));
        Assert.That(window.TryUse(1, 1));
        Assert.That(window.Grant(1, ushort.MaxValue, mayGrow: true), Is.EqualTo(SmbLimits.CreditsMax - 99));
        Assert.That(window.Granted, Is.EqualTo(SmbLimits.CreditsMax));
    }

    [Test]
    public void A_client_that_leaves_out_an_id_gets_no_more_in_the_end()
    {
        var window = Granted(SmbLimits.CreditsMax);
        for (ulong id = 2; id <= SmbLimits.CreditsMax; id++)
        {
            Assert.That(window.TryUse(id, 1));
            Assert.That(window.Grant(1, 1, mayGrow: true), Is.Zero);
        }

        Assert.That(window.TryUse(SmbLimits.CreditsMax + 1, 1), Is.False);
        Assert.That(window.TryUse(1, 1));
        Assert.That(window.Grant(1, 1, mayGrow: true), Is.EqualTo(1));
    }

    [Test]
    public void The_window_moves_on_for_ever()
    {
        var window = Granted(2);
        for (ulong id = 1; id < 50_000; id++)
        {
            Assert.That(window.TryUse(id, 1));
            Assert.That(window.Grant(1, 1, mayGrow: true), Is.EqualTo(1));
        }
    }

    [TestCase(Smb2Command.Negotiate, NtStatus.Success, false)]
    [TestCase(Smb2Command.SessionSetup, NtStatus.MoreProcessingRequired, false)]
    [TestCase(Smb2Command.SessionSetup, NtStatus.Success, true)]
    [TestCase(Smb2Command.Read, NtStatus.EndOfFile, true)]
    public void Credits_grow_when_somebody_has_logged_on(Smb2Command command, NtStatus status, bool grows) =>
        Assert.That(MessageWindow.MayGrow(command, status), Is.EqualTo(grows));

    private static MessageWindow Granted(int credits)
    {
        var window = new MessageWindow();
        Assert.That(window.TryUse(0, 1));
        Assert.That(window.Grant(1, credits, mayGrow: true), Is.EqualTo(credits));
        return window;
    }
}
