using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>Requests that run while their file, tree, session or connection goes away, by one client and its own doing.</summary>
[TestFixture, Category("Faults")]
public sealed class SmbLifetimeTests : SmbFaultFixture
{
    private const int Rounds = 300;
    private const uint Blocking = 2;
    private const uint AtOnce = 0x12;

    [TestCase(Smb2Command.TreeDisconnect), TestCase(Smb2Command.Logoff), TestCase(Smb2Command.Close)]
    public void WhatWaitsIsAnsweredWhenItsFileTreeOrSessionGoes(Smb2Command end)
    {
        using var holder = Open();
        var held = holder.CreateFile($"held {end}");
        holder.Ask(Smb2Command.Lock, Bodies.Lock(held, (0UL, 10UL, AtOnce))).Require(NtStatus.Success);
        using var session = Open();
        var file = session.CreateFile($"held {end}");
        var directory = session.CreateDirectory($"watched {end}");
        var locking = session.Send(Smb2Command.Lock, Bodies.Lock(file, (0UL, 10UL, Blocking)));
        session.AwaitInterim(locking);
        var watching = session.Send(Smb2Command.ChangeNotify, Bodies.ChangeNotify(directory, 0xFFF));
        session.AwaitInterim(watching);

        if (end == Smb2Command.Close) session.CloseFile(directory);
        session.Ask(end, end == Smb2Command.Close ? Bodies.Close(file) : Bodies.Empty()).Require(NtStatus.Success);
        Assert.That(session.Await(locking).Status, Is.AnyOf(NtStatus.RangeNotLocked, NtStatus.Cancelled, NtStatus.FileClosed));
        Assert.That(session.Await(watching).Status, Is.AnyOf(NtStatus.NotifyCleanup, NtStatus.Cancelled, NtStatus.FileClosed));
        Assert.That(
            session.Ask(Smb2Command.Read, Bodies.Read(file, 0, 1)).Status,
            Is.EqualTo(end switch
            {
                Smb2Command.TreeDisconnect => NtStatus.NetworkNameDeleted,
                Smb2Command.Logoff => NtStatus.UserSessionDeleted,
                _ => NtStatus.FileClosed,
            }));

        holder.Ask(Smb2Command.Lock, Bodies.Lock(held, (0UL, 10UL, 4u))).Require(NtStatus.Success);
        holder.Ask(Smb2Command.Lock, Bodies.Lock(held, (0UL, 10UL, AtOnce))).Require(NtStatus.Success);
    }

    /// <summary>All in flight at once: each request is answered once, or the connection ends.</summary>
    [Test]
    public void RequestsInFlightAreAnsweredOnceWhateverGoesAway([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            using var session = Open();
            var file = session.CreateFile("in flight");
            var directory = session.CreateDirectory("directory in flight");
            var waiting = new HashSet<ulong>();
            for (var i = 0; i < 24; i++)
            {
                var (command, body) = Any(file, directory, random);
                waiting.Add(session.Send(command, body));
            }

            if (random.Next(4) == 0) session.Link.Break();
            else AssertAnsweredOnce(session, waiting, $"seed {seed}, round {round}");
        }
    }

    /// <summary>A second log-on takes the place of the first session while its requests run (MS-SMB2 3.3.5.5.3).</summary>
    [Test]
    public void ASessionThatIsReplacedWhileItsRequestsRunEnds()
    {
        for (var round = 0; round < 50; round++)
        {
            using var first = Open();
            var file = first.CreateFile($"replaced{round}", share: 0);
            for (var i = 0; i < 16; i++) first.Send(Smb2Command.Write, Bodies.Write(file, (ulong)i * 1000, new byte[1000]));
            using var second = Target.Connect(new SmbSessionOptions { ReplyMax = NoticeMax });
            second.Negotiate();
            second.LogOn(Target.User.Name, Target.User.Password, previous: first.SessionId).Require(NtStatus.Success);
            second.Connect("files").Require(NtStatus.Success);
            second.CloseFile(second.CreateFile($"replaced{round}", share: 0));
        }
    }

    /// <summary>An element may name another session than the one before, even one that is not (MS-SMB2 3.3.5.2.7.1).</summary>
    [Test]
    public void AChainWhoseSecondElementIsOfNoSessionOrTree([Values(36, 40)] int at)
    {
        using var session = Open();
        var chain = session.Chain(related: false, (Smb2Command.Create, Bodies.Create("chained")), (Smb2Command.Create, Bodies.Create("other")));
        var next = BitConverter.ToInt32(chain, 20);
        SmbBadRequest.Overwrite(chain, next + at, 4, 0xABCDEF);
        session.Signer!.Sign(chain.AsSpan(next));
        session.Link.Send(chain);
        var replies = session.Receive();
        if (replies is null) return;

        var all = new List<SmbReply>(replies);
        while (all.Count < 2 && session.Receive() is { } more) all.AddRange(more);
        Assert.That(all[0].Status, Is.EqualTo(NtStatus.Success));
        Assert.That(all[1].Status, Is.EqualTo(at == 36 ? NtStatus.NetworkNameDeleted : NtStatus.UserSessionDeleted));
    }

    [Test]
    public void NoClientIsGivenMoreCreditsThanThereAre()
    {
        const int CreditsMax = 8192;
        using var session = Target.Connect(new SmbSessionOptions { Credits = ushort.MaxValue });
        Assert.That(session.Negotiate().Header.Credits, Is.EqualTo(1), "nobody has logged on yet");
        int credits = session.LogOn(Target.User.Name, Target.User.Password).Require(NtStatus.Success).Header.Credits;
        for (var i = 0; i < 500; i++)
        {
            var reply = session.Ask(Smb2Command.Echo, Bodies.Empty());
            credits += reply.Header.Credits - 1;
        }

        Assert.That(credits, Is.InRange(1, CreditsMax));
    }

    [Test]
    public void WhoAsksForNoCreditsStillGetsOne()
    {
        using var session = Target.Open(new SmbSessionOptions { Credits = 0 });
        for (var i = 0; i < 300; i++) Assert.That(session.Ask(Smb2Command.Echo, Bodies.Empty()).Status, Is.EqualTo(NtStatus.Success));
    }

    private static (Smb2Command Command, byte[] Body) Any(SmbFileId file, SmbFileId directory, Random random) => random.Next(28) switch
    {
        < 5 => (Smb2Command.Write, Bodies.Write(file, (ulong)random.Next(100_000), new byte[random.Next(9000)])),
        < 10 => (Smb2Command.Read, Bodies.Read(file, (ulong)random.Next(100_000), 9000)),
        < 13 => (Smb2Command.Lock, Bodies.Lock(file, ((ulong)random.Next(3), 2UL, Blocking))),
        < 16 => (Smb2Command.ChangeNotify, Bodies.ChangeNotify(directory, 0xFFF, tree: random.Next(2) == 0)),
        < 19 => (Smb2Command.QueryDirectory, Bodies.QueryDirectory(directory, "*", flags: 1)),
        < 22 => (Smb2Command.Create, Bodies.Create($@"directory in flight\made{random.Next(5)}", options: 0x1000, access: 0x13019F)),
        22 => (Smb2Command.Flush, Bodies.Flush(file)),
        23 => (Smb2Command.SetInfo, Bodies.SetInfo(file, 1, 20, [.. BitConverter.GetBytes((long)random.Next(50_000))])),
        24 => (Smb2Command.Close, Bodies.Close(random.Next(2) == 0 ? file : directory)),
        25 => (Smb2Command.TreeDisconnect, Bodies.Empty()),
        26 => (Smb2Command.Logoff, Bodies.Empty()),
        _ => (Smb2Command.TreeConnect, Bodies.TreeConnect(@"\\server\IPC$")),
    };

    private static void AssertAnsweredOnce(SmbSession session, HashSet<ulong> waiting, string where)
    {
        // The last word: what still waits for a lock or a change is let go by it.
        waiting.Add(session.Send(Smb2Command.Logoff, Bodies.Empty()));
        while (waiting.Count > 0 && session.Receive() is { } replies)
        {
            foreach (var reply in replies)
            {
                if (reply.IsInterim || reply.IsNotification) continue;
                Assert.That(waiting.Remove(reply.Header.MessageId), $"{where}: {reply.Header.Command} {reply.Header.MessageId} is answered twice");
            }
        }
    }

    private SmbSession Open() => Target.Open(new SmbSessionOptions { ReplyMax = NoticeMax, Credits = 128 });
}
