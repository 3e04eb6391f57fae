using System.Buffers.Binary;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>
/// Bad input over SMB against the real process, while two other clients work and must notice nothing. The process must
/// neither die nor grow.
/// </summary>
[TestFixture, Category("Faults")]
public sealed class SmbBadInputTests
{
    private const int FuzzedMessages = 6_000;
    private const int DamagedPipes = 1_000;

    // Requests and replies in memory, write buffers, and what the collector leaves standing.
    private const long GrowthBytesMax = 400 << 20;

    private static readonly TimeSpan NoticeMax = TimeSpan.FromSeconds(30);

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private HostProcess _gateway = null!;
    private SmbTarget _target = null!;
    private Bystander _nfsBystander = null!;
    private Bystander _smbBystander = null!;
    private long _residentBefore;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        var nasgate = new Nasgate(_network, _directory);
        _gateway = await nasgate.UpAsync(_directory["data"], "--smb-port", "445");
        _target = new SmbTarget(_network, await nasgate.AddUserAsync("lab"));
        _nfsBystander = Bystander.Over(_network.Mount(0x1000, replyMax: NoticeMax));
        _smbBystander = Bystander.Over(_target.Open());

        // Their own work makes the process grow too: that is not what is measured.
        Assert.That(await Poll.UntilAsync(() => _nfsBystander.Rounds > 50, NoticeMax), _nfsBystander.Error);
        Assert.That(await Poll.UntilAsync(() => _smbBystander.Rounds > 50, NoticeMax), _smbBystander.Error);
        _residentBefore = _gateway.ResidentBytes;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        TestContext.Progress.WriteLine(
            $"measured: bad SMB input: {_residentBefore >> 20} MiB resident before, {_gateway.ResidentBytes >> 20} MiB after; "
            + $"the bystanders' longest rounds {_nfsBystander.LongestRound.TotalMilliseconds:0} and "
            + $"{_smbBystander.LongestRound.TotalMilliseconds:0} ms");
        _smbBystander.Dispose();
        _nfsBystander.Dispose();
        _gateway.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [TearDown]
    public async Task NobodyElseNotices()
    {
        Assert.That(await _nfsBystander.GoesOnAsync(NoticeMax), _nfsBystander.Error ?? "the NFS bystander stands still");
        Assert.That(await _smbBystander.GoesOnAsync(NoticeMax), _smbBystander.Error ?? "the SMB bystander stands still");
        Assert.That(_gateway.HasExited, Is.False, _gateway.Tail);
        Assert.That(_gateway.ResidentBytes - _residentBefore, Is.LessThan(GrowthBytesMax));
    }

    [TestCaseSource(typeof(SmbBadRequests), nameof(SmbBadRequests.All))]
    public void ABadRequestGetsItsStatusOrEndsTheConnection(SmbBadRequest request)
    {
        using var session = _target.Open(new SmbSessionOptions { ReplyMax = NoticeMax });
        var targets = new SmbBadTargets(session.CreateFile("target"), session.CreateDirectory("target directory"));
        var message = session.Message(request.Command, request.Body(targets));
        request.Header?.Invoke(message);
        if (!request.IsUnsigned) session.Protect(message);
        session.Link.Send(message);
        if (request.Allowed.Length == 0)
        {
            Assert.That(session.Receive(), Is.Null, "the connection goes on");
            return;
        }

        var reply = session.Await(BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(24)));
        Assert.That(reply.Status, Is.AnyOf([.. request.Allowed.Cast<object>()]));
        Assert.That(session.Ask(Smb2Command.Echo, Bodies.Empty()).Status, Is.EqualTo(NtStatus.Success), "the session goes on");
    }

    [TestCase("00000000", TestName = "An empty message")]
    [TestCase("00000001FE", TestName = "One byte")]
    [TestCase("00000003FE534D", TestName = "Three bytes")]
    [TestCase("00000004FE534D42", TestName = "Only a protocol id")]
    [TestCase("01000000", TestName = "Another kind of frame")]
    [TestCase("85000000", TestName = "A NetBIOS keep-alive")]
    [TestCase("00FFFFFF", TestName = "Sixteen megabytes before the log-on")]
    [TestCase("0000002000000000000000000000000000000000000000000000000000000000000000000000", TestName = "Zeros")]
    [TestCase("474554202F20485454502F312E310D0A0D0A", TestName = "HTTP")]
    [TestCase("00000034FD534D42000000000000000000000000000000000000000000000000000000000000000000000000010000000000000000000000", TestName = "Sealed for nobody")]
    [TestCase("00000010FC534D42000000000000000000000000", TestName = "Compressed")]
    public void AStreamThatIsNoSmbIsClosed(string bytes)
    {
        using var session = _target.Connect(new SmbSessionOptions { ReplyMax = NoticeMax });
        session.Link.SendRaw(Convert.FromHexString(bytes));
        Assert.That(session.Receive(), Is.Null);
    }

    [Test]
    public void AChainOfTooManyElementsEnds()
    {
        using var session = _target.Open();
        var elements = Enumerable.Repeat((Smb2Command.Echo, Bodies.Empty()), 2000).ToArray();
        session.SendProtected(session.Chain(related: false, elements));
        var replies = session.Receive();
        Assert.That(replies is null || replies.Any(reply => reply.Status == NtStatus.InvalidParameter));
    }

    [Test]
    public void ANegotiateWithoutDialectsIsRefused()
    {
        using var session = _target.Connect();
        Assert.That(session.Ask(Smb2Command.Negotiate, Bodies.Negotiate([], default)).Status, Is.EqualTo(NtStatus.InvalidParameter));
    }

    [Test]
    public void ANegotiateOfUnknownDialectsIsRefused()
    {
        using var session = _target.Connect();
        var reply = session.Ask(Smb2Command.Negotiate, Bodies.Negotiate([0x0399, 0x1111], default));
        Assert.That(reply.Status, Is.EqualTo(NtStatus.NotSupported));
    }

    [Test]
    public void ThousandsOfNotificationsOfOneClientAreBounded()
    {
        using var session = _target.Open(new SmbSessionOptions { Credits = 8192 });
        var directory = session.CreateDirectory("watched too often");
        var refused = 0;
        for (var i = 0; i < 600; i++) session.Send(Smb2Command.ChangeNotify, Bodies.ChangeNotify(directory, 0xFFF));
        for (var i = 0; i < 600; i++)
        {
            foreach (var reply in session.Receive() ?? [])
                refused += reply.Status == NtStatus.InsufficientResources ? 1 : 0;
        }

        Assert.That(refused, Is.GreaterThan(0));
    }

    [Test]
    public void DamagedCallsOfPipesHarmNobody([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        using var session = _target.Open(new SmbSessionOptions { ReplyMax = NoticeMax }, "IPC$");
        for (var i = 0; i < DamagedPipes; i++) SmbPipeFuzz.DoOne(session, random);
    }

    [Test]
    public void FuzzedMessagesOfALoggedOnClientHarmNobody([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        TestContext.Out.WriteLine($"seed {seed}");
        SmbSession? session = null;
        SmbBadTargets? targets = null;
        for (var i = 0; i < FuzzedMessages; i++)
        {
            if (session is null)
            {
                session = _target.Open(new SmbSessionOptions { ReplyMax = NoticeMax, Credits = 256 });
                targets = new SmbBadTargets(session.CreateFile("fuzzed"), session.CreateDirectory("fuzzed directory"));
            }

            if (SmbFuzz.SendOne(session, targets!, random)) continue;

            session.Dispose();
            session = null;
        }

        session?.Dispose();
    }
}
