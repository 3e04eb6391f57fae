using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>Bad input of those who have not logged on yet, while a client works and must notice nothing.</summary>
[TestFixture, Category("Faults")]
public sealed class SmbUnauthenticatedTests : SmbFaultFixture
{
    // The head of SMB1's NEGOTIATE (MS-CIFS 2.2.4.52.1), then a count of words and one of bytes.
    private static readonly byte[] Smb1 =
    [
        0xFF, (byte)'S', (byte)'M', (byte)'B', 0x72, .. new byte[27], 0, 34, 0,
        2, .. "NT LM 0.12"u8, 0, 2, .. "SMB 2.002"u8, 0, 2, .. "SMB 2.???"u8, 0,
    ];

    [TestCaseSource(typeof(SmbBadNegotiation), nameof(SmbBadNegotiation.All))]
    public void ABadNegotiationIsRefused(SmbBadNegotiation negotiation)
    {
        using var session = Connect();
        session.Send(Smb2Command.Negotiate, negotiation.Body);
        Assert.That(session.Receive()?[0].Status ?? NtStatus.InvalidParameter, Is.Not.EqualTo(NtStatus.Success));
    }

    [Test]
    public void ANegotiationCutAnywhereIsRefused()
    {
        var body = Bodies.Negotiate(Bodies.AllDialects, default);
        for (var length = 0; length < body.Length; length++)
        {
            using var session = Connect();
            session.Send(Smb2Command.Negotiate, body.AsSpan(0, length));
            Assert.That(session.Receive()?[0].Status ?? NtStatus.InvalidParameter, Is.Not.EqualTo(NtStatus.Success), $"{length} bytes");
        }
    }

    [Test]
    public void ANegotiationOfSmb1CutAnywhereEndsTheConnectionOrIsRefused()
    {
        for (var length = 4; length < Smb1.Length; length++)
        {
            using var session = Connect();
            session.Link.Send(Smb1.AsSpan(0, length));
            Assert.That(session.Receive()?[0].Status ?? NtStatus.InvalidParameter, Is.Not.EqualTo(NtStatus.Success), $"{length} bytes");
        }
    }

    [TestCase(32, 1, 200, TestName = "more words than there are")]
    [TestCase(33, 2, 0xFFFF, TestName = "more bytes than there are")]
    [TestCase(33, 2, 3, TestName = "fewer bytes than a name")]
    [TestCase(47, 1, 9, TestName = "a name of another kind")]
    [TestCase(68, 1, 'x', TestName = "a name without an end")]
    public void ANegotiationOfSmb1ThatLies(int at, int bytes, int value)
    {
        using var session = Connect();
        session.Link.Send(SmbBadRequest.Overwrite([.. Smb1], at, bytes, (ulong)value));
        Assert.That(session.Receive()?[0].Status ?? NtStatus.InvalidParameter, Is.Not.EqualTo(NtStatus.Success));
    }

    [Test]
    public void AHeaderCutAnywhereEndsTheConnection()
    {
        for (var length = 4; length < Smb2Header.Bytes; length++)
        {
            using var session = Connect();
            session.Link.Send(session.Message(Smb2Command.Negotiate, []).AsSpan(0, length));
            Assert.That(session.Receive(), Is.Null, $"{length} bytes");
        }
    }

    [TestCaseSource(typeof(SmbBadLogOn), nameof(SmbBadLogOn.All))]
    public void ABadLogOnIsRefused(SmbBadLogOn bad)
    {
        using var session = Connect();
        session.Negotiate();
        var client = new NtlmClient("lab", Target.User.Password) { AlterMessage = bad.Alter };
        Assert.That(session.LogOn(client).Status, Is.Not.AnyOf(NtStatus.Success, NtStatus.MoreProcessingRequired));
        Assert.That(session.Ask(Smb2Command.TreeConnect, Bodies.TreeConnect(@"\\server\files")).Status, Is.EqualTo(NtStatus.UserSessionDeleted));
    }

    [Test]
    public void ALogOnCutAnywhereIsRefused()
    {
        using var whole = Connect();
        whole.Negotiate();
        var length = 0;
        Assert.That(whole.LogOn(new NtlmClient("lab", "wrong") { AlterMessage = Measure }).Status, Is.EqualTo(NtStatus.LogonFailure));
        for (var cut = 0; cut < length; cut += 3)
        {
            using var session = Connect();
            session.Negotiate();
            var client = new NtlmClient("lab", Target.User.Password) { AlterMessage = message => message[..cut] };
            Assert.That(session.LogOn(client).Status, Is.Not.AnyOf(NtStatus.Success, NtStatus.MoreProcessingRequired), $"{cut} bytes");
        }

        byte[] Measure(byte[] message)
        {
            length = message.Length;
            return message;
        }
    }

    [Test]
    public void NothingIsDoneInASessionThatIsBeingSetUp()
    {
        using var session = Connect();
        session.Negotiate();
        var first = session.Ask(Smb2Command.SessionSetup, Bodies.SessionSetup(new NtlmClient("lab", "x").Negotiate()));
        Assert.That(first.Status, Is.EqualTo(NtStatus.MoreProcessingRequired));
        session.SessionId = first.Header.SessionId;
        (Smb2Command Command, byte[] Body)[] requests =
        [
            (Smb2Command.TreeConnect, Bodies.TreeConnect(@"\\server\files")), (Smb2Command.Create, Bodies.Create("early")),
            (Smb2Command.Logoff, Bodies.Empty()), (Smb2Command.TreeDisconnect, Bodies.Empty()),
        ];
        foreach (var (command, body) in requests)
        {
            session.Send(command, body);
            if (session.Receive() is not { } replies) return;

            Assert.That(replies[0].Status, Is.AnyOf(NtStatus.UserSessionDeleted, NtStatus.AccessDenied, NtStatus.InvalidParameter), $"{command}");
        }
    }

    private SmbSession Connect() => Target.Connect(new SmbSessionOptions { ReplyMax = NoticeMax });
}
