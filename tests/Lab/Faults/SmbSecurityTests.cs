using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>Who must not get in, and what must not be believed, against the real process.</summary>
[TestFixture, Category("Faults")]
public sealed class SmbSecurityTests
{
    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private Nasgate _nasgate = null!;
    private HostProcess _gateway = null!;
    private SmbTarget _target = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _nasgate = new Nasgate(_network, _directory);
        _gateway = await _nasgate.UpAsync(_directory["data"], "--smb-port", "445", "--shares", "files,vault=vault:encrypt");
        _target = new SmbTarget(_network, await _nasgate.AddUserAsync("lab"));
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _gateway.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void AWrongPasswordAndAnUnknownUserAreToldTheSame()
    {
        Assert.That(LogOn(new NtlmClient("lab", "wrong")), Is.EqualTo(NtStatus.LogonFailure));
        Assert.That(LogOn(new NtlmClient("nobody-here", _target.User.Password)), Is.EqualTo(NtStatus.LogonFailure));
        Assert.That(LogOn(new NtlmClient("LAB", _target.User.Password)), Is.EqualTo(NtStatus.Success), "names have no case");
    }

    [Test]
    public void AnAlteredProofIsRefused()
    {
        static byte[] Alter(byte[] response)
        {
            response[0] ^= 1;
            return response;
        }

        Assert.That(LogOn(new NtlmClient("lab", _target.User.Password) { AlterResponse = Alter }), Is.EqualTo(NtStatus.LogonFailure));
    }

    [Test]
    public void TheResponsesOfLmAndNtlmOneAreRefused()
    {
        var client = new NtlmClient("lab", _target.User.Password) { AlterResponse = _ => new byte[24] };
        Assert.That(LogOn(client), Is.EqualTo(NtStatus.LogonFailure));
    }

    [Test]
    public async Task ADisabledUserIsToldSoOnlyWithTheRightPassword()
    {
        var user = await _nasgate.AddUserAsync("leaver");
        var (code, output) = await _nasgate.RunAsync("user", "disable", "leaver");
        Assert.That(code, Is.Zero, output);
        Assert.That(LogOn(new NtlmClient("leaver", user.Password)), Is.EqualTo(NtStatus.AccountDisabled));
        Assert.That(LogOn(new NtlmClient("leaver", "wrong")), Is.EqualTo(NtStatus.LogonFailure));
    }

    [Test]
    public async Task WhoIsRemovedDisabledOrGivenAnotherPasswordLosesHisSessions([Values("remove", "disable", "passwd")] string action)
    {
        var user = await _nasgate.AddUserAsync($"of-{action}");
        using var session = (_target with { User = user }).Open();
        var file = session.CreateFile($"held by {user.Name}");
        session.Ask(Smb2Command.Lock, Bodies.Lock(file, (0UL, 10UL, 0x12u))).Require(NtStatus.Success);
        var changed = user;
        if (action == "passwd")
        {
            changed = await _nasgate.ChangePasswordAsync(user.Name);
        }
        else
        {
            var (code, output) = await _nasgate.RunAsync("user", action, user.Name);
            Assert.That(code, Is.Zero, output);
        }

        Assert.That(StatusOrEnd(session, Bodies.Read(file, 0, 1)), Is.AnyOf(null, NtStatus.UserSessionDeleted));
        Assert.That(LogOn(new NtlmClient(user.Name, user.Password)), Is.AnyOf(NtStatus.LogonFailure, NtStatus.AccountDisabled));
        Assert.That(LogOn(new NtlmClient(changed.Name, changed.Password)), action == "passwd" ? Is.EqualTo(NtStatus.Success) : Is.Not.EqualTo(NtStatus.Success));
        using var other = _target.Open();
        var same = other.CreateFile($"held by {user.Name}");
        other.Ask(Smb2Command.Lock, Bodies.Lock(same, (0UL, 10UL, 2u))).Require(NtStatus.Success);
    }

    [Test]
    public async Task ACommandThatDoesNotReachTheGatewayChangesNothingBehindItsBack()
    {
        var user = await _nasgate.AddUserAsync("reached");
        var (code, output) = await _nasgate.RunAsync("user", "remove", user.Name, "--data", _directory["data"], "--http-port", "8099");
        Assert.That(code, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("no gateway answers on that port"));
        Assert.That(LogOn(new NtlmClient(user.Name, user.Password)), Is.EqualTo(NtStatus.Success));
    }

    [Test]
    public void NobodyGetsInWithoutAName()
    {
        using var session = _target.Connect();
        session.Negotiate();
        var anonymous = new NtlmClient("", "") { AlterResponse = _ => [], WithoutMic = true };
        Assert.That(session.LogOn(anonymous).Status, Is.AnyOf(NtStatus.AccessDenied, NtStatus.LogonFailure));
    }

    [Test]
    public void ATamperedSignatureIsRefused([Values] bool old)
    {
        using var session = _target.Open(new SmbSessionOptions { Dialects = old ? [0x0210] : Bodies.AllDialects });
        var message = session.Message(Smb2Command.Create, Bodies.Create("tampered"));
        session.Protect(message);
        message[^1] ^= 1;
        session.Link.Send(message);
        Assert.That(Refusal(session), Is.EqualTo(NtStatus.AccessDenied));
        using var other = _target.Open();
        Assert.That(other.Exists("tampere"), Is.False);
        Assert.That(other.Exists("tampered"), Is.False);
    }

    [Test]
    public void AnUnsignedRequestOfASignedSessionIsRefused()
    {
        using var session = _target.Open();
        session.Link.Send(session.Message(Smb2Command.Create, Bodies.Create("unsigned")));
        Assert.That(Refusal(session), Is.EqualTo(NtStatus.AccessDenied));
        using var other = _target.Open();
        Assert.That(other.Exists("unsigned"), Is.False);
    }

    [Test]
    public void ASealedMessageThatIsReplayedEndsTheConnection()
    {
        using var session = _target.Open(new SmbSessionOptions { Seals = true });
        var sealedMessage = session.Sealed(session.Message(Smb2Command.Echo, Bodies.Empty()));
        session.Link.Send(sealedMessage);
        Assert.That(session.Receive(), Is.Not.Null);
        session.Link.Send(sealedMessage);
        Assert.That(session.Receive(), Is.Null);
    }

    [Test]
    public void SealedMessagesMayOvertakeEachOtherOnce()
    {
        using var session = _target.Open(new SmbSessionOptions { Seals = true });
        var first = session.Sealed(session.Message(Smb2Command.Echo, Bodies.Empty()));
        var second = session.Sealed(session.Message(Smb2Command.Echo, Bodies.Empty()));
        session.Link.Send(second);
        session.Link.Send(first);
        Assert.That(session.Receive(), Is.Not.Null);
        Assert.That(session.Receive(), Is.Not.Null);
    }

    [Test]
    public void ASealedMessageThatWasAlteredEndsTheConnection()
    {
        using var session = _target.Open(new SmbSessionOptions { Seals = true });
        var sealedMessage = session.Sealed(session.Message(Smb2Command.Echo, Bodies.Empty()));
        sealedMessage[^1] ^= 1;
        session.Link.Send(sealedMessage);
        Assert.That(session.Receive(), Is.Null);
    }

    [Test]
    public void AShareThatMustBeSealedRefusesWhatIsNot()
    {
        using (var plain = _target.Open())
            plain.CloseFile(plain.CreateDirectory("vault"));
        using var session = _target.Connect();
        session.Negotiate();
        session.LogOn(_target.User.Name, _target.User.Password).Require(NtStatus.Success);
        var connected = session.Connect("vault");
        if (connected.Status == NtStatus.Success)
            Assert.That(session.Ask(Smb2Command.Create, Bodies.Create("x")).Status, Is.EqualTo(NtStatus.AccessDenied));
        else
            Assert.That(connected.Status, Is.EqualTo(NtStatus.AccessDenied));

        using var secret = _target.Open(new SmbSessionOptions { Seals = true }, "vault");
        secret.WriteAll("secret", "hidden"u8);
        Assert.That(secret.ReadAll("secret", 10), Is.EqualTo("hidden"u8.ToArray()));
    }

    [Test]
    public void ANegotiationThatWasDowngradedIsNoticed()
    {
        using var session = _target.Open(new SmbSessionOptions { Dialects = [0x0300] });

        // FSCTL_VALIDATE_NEGOTIATE_INFO with the dialects that somebody took out on the way (MS-SMB2 3.3.5.15.12).
        var offered = new MessageWriter().U32(0x7F).Bytes(Guid.Empty.ToByteArray()).U16(1).U16(2).U16(0x0300).U16(0x0302).ToArray();
        session.Send(Smb2Command.Ioctl, Bodies.Ioctl(0x00140204, SmbFileId.Related, offered));
        Assert.That(session.Receive(), Is.Null, "the connection ends");
    }

    [Test]
    public void RefusedLogOnsAreLoggedAndNeverWithWhatWasTyped()
    {
        Assert.That(LogOn(new NtlmClient("lab", "typed-by-mistake")), Is.EqualTo(NtStatus.LogonFailure));
        var logs = string.Concat(
            Directory.EnumerateFiles(_directory["data"], "*", SearchOption.AllDirectories)
                .Where(file => file.Contains("/logs/", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.That(logs, Does.Contain("lab"));
        Assert.That(logs, Does.Not.Contain("typed-by-mistake"));
        Assert.That(logs, Does.Not.Contain(_target.User.Password));
    }

    private NtStatus LogOn(NtlmClient client)
    {
        using var session = _target.Connect();
        session.Negotiate();
        return session.LogOn(client).Status;
    }

    // Null when the connection was closed instead.
    private static NtStatus? StatusOrEnd(SmbSession session, byte[] read)
    {
        session.Send(Smb2Command.Read, read);
        return session.Receive()?[0].Status;
    }

    // The status, or for a connection that was closed instead the same.
    private static NtStatus Refusal(SmbSession session) => session.Receive()?[0].Status ?? NtStatus.AccessDenied;
}
