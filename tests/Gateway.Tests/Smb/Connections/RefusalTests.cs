using Gateway.Protocol.Smb2;
using Gateway.Smb.Authentication;
using Gateway.Smb.Connections;
using Gateway.SmbClient;
using static Gateway.Tests.Smb.SmbTestClient;

namespace Gateway.Tests.Smb.Connections;

/// <summary>What is not believed: the client is told the right thing, it is counted each time, and logged once.</summary>
public sealed class RefusalTests
{
    private const int Times = 3;
    private const uint ValidateNegotiate = 0x00140204;

    private SmbHost _host = null!;
    private SmbTestClient _client = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        _host = await SmbHost.StartAsync();
        _client = await _host.ConnectAsync();
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase("alice", "wrong", NtStatus.LogonFailure, "WrongPassword")]
    [TestCase("nobody", SmbHost.Password, NtStatus.LogonFailure, "UnknownUser")]
    [TestCase("bob", SmbHost.Password, NtStatus.AccountDisabled, "Disabled")]
    [TestCase("bob", "wrong", NtStatus.LogonFailure, "WrongPassword")]
    public async Task Who_is_not_let_in(string user, string password, NtStatus expected, string cause)
    {
        await _host.Users.SetDisabledAsync("bob", true, default);
        await _client.NegotiateAsync(Smb2Dialect.Smb311);
        for (var time = 0; time < Times; time++)
            Assert.That(await _client.LogOnAsync(user, password), Is.EqualTo(expected));
        Assert.That(_host.Metrics.LogonFailuresOf(Enum.Parse<LogonFailure>(cause)), Is.EqualTo(Times));
        Assert.That(_host.Log.CountOf(cause), Is.EqualTo(2), "the first and the second");
        Assert.That(_host.Server.Sessions.Count, Is.Zero);
    }

    [TestCase(Smb2Dialect.Smb202), TestCase(Smb2Dialect.Smb302), TestCase(Smb2Dialect.Smb311)]
    public async Task A_request_without_a_signature(Smb2Dialect dialect)
    {
        await _client.EnterAsync(dialect);
        for (var time = 0; time < Times; time++)
        {
            await _client.SendAsync(_client.Request(Smb2Command.Echo, Empty()));
            Assert.That(Status(await _client.ReceiveAsync()), Is.EqualTo(NtStatus.AccessDenied));
        }

        Check(SmbRefusal.Unsigned, Times);
    }

    [TestCase(Smb2Dialect.Smb202), TestCase(Smb2Dialect.Smb302), TestCase(Smb2Dialect.Smb311)]
    public async Task A_request_with_another_signature(Smb2Dialect dialect)
    {
        await _client.EnterAsync(dialect);
        for (var time = 0; time < Times; time++)
        {
            var request = _client.Request(Smb2Command.Echo, Empty());
            _client.Signer!.Sign(request);
            request[Smb2Header.SignatureOffset + time] ^= 1;
            await _client.SendAsync(request);
            Assert.That(Status(await _client.ReceiveAsync()), Is.EqualTo(NtStatus.AccessDenied));
        }

        Check(SmbRefusal.WrongSignature, Times);
    }

    [Test]
    public async Task A_request_in_clear_where_it_must_be_encrypted()
    {
        await _client.EnterAsync();
        await _client.ConnectTreeAsync(SmbHost.EncryptedShare);
        for (var time = 0; time < Times; time++)
            Assert.That(Status(await _client.AskAsync(Smb2Command.TreeDisconnect, Empty())), Is.EqualTo(NtStatus.AccessDenied));
        Check(SmbRefusal.Unencrypted, Times);
    }

    [TestCase(4), TestCase(20), TestCase(40), TestCase(52), TestCase(100)]
    public async Task An_encrypted_message_that_was_changed(int offset)
    {
        await _client.EnterAsync();
        var frame = _client.Seal(_client.Request(Smb2Command.Echo, Empty()));
        frame[offset] ^= 1;
        await _client.SendAsync(frame);
        Assert.That(await _client.IsClosedAsync());
        Check(SmbRefusal.WrongSeal, 1);
        Assert.That(_host.Metrics.SmbViolations, Is.EqualTo(1));
    }

    [Test]
    public async Task A_message_that_comes_again([Values] bool isSealed)
    {
        await _client.EnterAsync();
        var message = _client.Request(Smb2Command.Echo, Empty());
        if (isSealed) message = _client.Seal(message);
        else _client.Signer!.Sign(message);
        await _client.SendAsync(message);
        await _client.ReceiveAsync();
        await _client.SendAsync(message);
        Assert.That(await _client.IsClosedAsync());
        Check(SmbRefusal.Replayed, 1);
        Assert.That(_host.Metrics.SmbViolations, Is.EqualTo(1));
    }

    [Test]
    public async Task Encrypted_messages_in_another_order_are_each_taken_once()
    {
        // MS-SMB2 3.3.5.2.3: any id of the window will do, as clients send from several threads.
        await _client.EnterAsync();
        var first = _client.Request(Smb2Command.Echo, Empty());
        var second = _client.Request(Smb2Command.Echo, Empty());
        foreach (var message in new[] { second, first })
        {
            await _client.SendAsync(_client.Seal(message));
            var response = await _client.ReceiveAsync();
            Assert.That(_client.Decryptor!.TryOpen(response));
            var opened = response[TransformHeader.Bytes..];
            Assert.That(Header(opened).MessageId, Is.EqualTo(Header(message).MessageId));
            Assert.That(Status(opened), Is.EqualTo(NtStatus.Success));
        }

        await _client.SendAsync(_client.Seal(second));
        Assert.That(await _client.IsClosedAsync());
        Check(SmbRefusal.Replayed, 1);
    }

    [Test]
    public async Task An_encrypted_message_ahead_of_what_was_granted()
    {
        await _client.EnterAsync();
        _client.NextMessageId += 100_000;
        await _client.SendAsync(_client.Seal(_client.Request(Smb2Command.Echo, Empty())));
        Assert.That(await _client.IsClosedAsync());
        Check(SmbRefusal.Replayed, 1);
    }

    [TestCase(new ushort[] { 0x0300, 0x0302 }, true)]
    [TestCase(new ushort[] { 0x0300, 0x0302, 0x0311 }, false)]
    public async Task A_negotiation_that_somebody_took_the_best_dialect_from(ushort[] offered, bool believed)
    {
        await _client.EnterAsync(Smb2Dialect.Smb300, Smb2Dialect.Smb302);
        var input = new MessageWriter()
            .U32(0x7F).Bytes(_client.ClientGuid.ToByteArray()).U16((int)Smb2SecurityMode.SigningEnabled).U16(offered.Length);
        foreach (var dialect in offered) input.U16(dialect);
        var request = _client.Request(Smb2Command.Ioctl, Bodies.Ioctl(ValidateNegotiate, SmbFileId.Related, input.ToArray()));
        _client.Signer!.Sign(request);
        await _client.SendAsync(request);
        if (believed)
        {
            Assert.That(Status(await _client.ReceiveAsync()), Is.EqualTo(NtStatus.Success));
            return;
        }

        Assert.That(await _client.IsClosedAsync());
        Check(SmbRefusal.Downgraded, 1);
    }

    [Test]
    public async Task A_negotiation_of_SMB_311_that_was_changed_leads_to_other_keys()
    {
        // Somebody takes AES-256 off the client's list; the client's hash of what it sent is not the server's.
        _client.OnTheWay = message => message[^1] ^= 1;
        _client.IsGullible = true;
        await _client.NegotiateAsync(Smb2Dialect.Smb311);
        _client.OnTheWay = null;
        Assert.That(await _client.LogOnAsync(), Is.EqualTo(NtStatus.Success));
        Assert.That(_client.HasProof, Is.False, "the client sees it by the last answer's signature");

        var request = _client.Request(Smb2Command.TreeConnect, TreeBody(SmbHost.Share));
        _client.Signer!.Sign(request);
        await _client.SendAsync(request);
        Assert.That(Status(await _client.ReceiveAsync()), Is.EqualTo(NtStatus.AccessDenied), "the server by the next request's");
        Check(SmbRefusal.WrongSignature, 1);
    }

    [Test]
    public async Task Each_connection_is_logged_for_itself()
    {
        await _client.EnterAsync();
        using var other = await _host.ConnectAsync();
        await other.EnterAsync();
        foreach (var client in new[] { _client, other, _client, other })
        {
            await client.SendAsync(client.Request(Smb2Command.Echo, Empty()));
            await client.ReceiveAsync();
        }

        Assert.That(_host.Metrics.SmbRefusalsOf(SmbRefusal.Unsigned), Is.EqualTo(4));
        Assert.That(_host.Log.CountOf(nameof(SmbRefusal.Unsigned)), Is.EqualTo(2));
    }

    private void Check(SmbRefusal cause, int count)
    {
        Assert.That(_host.Metrics.SmbRefusalsOf(cause), Is.EqualTo(count));
        Assert.That(_host.Log.CountOf(cause.ToString()), Is.EqualTo(1));
        Assert.That(_host.Log.Lines, Has.Count.EqualTo(1));
    }
}
