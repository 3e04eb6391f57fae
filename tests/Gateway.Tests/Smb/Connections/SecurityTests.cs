using Gateway.Protocol.Smb2;
using Gateway.Smb;
using Gateway.Smb.Connections;
using static Gateway.Tests.Smb.SmbTestClient;

namespace Gateway.Tests.Smb.Connections;

/// <summary>Who gets in, and what of a session is believed.</summary>
public sealed class SecurityTests
{
    private SmbHost _host = null!;
    private SmbTestClient _client = null!;

    [SetUp]
    public Task ConnectAsync() => StartAsync(SmbHost.DefaultOptions);

    [TearDown]
    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase("alice", "wrong", NtStatus.LogonFailure)]
    [TestCase("nobody", "wrong", NtStatus.LogonFailure)]
    [TestCase("", "", NtStatus.AccessDenied)]
    public async Task Who_does_not_know_the_password_stays_out(string user, string password, NtStatus expected)
    {
        await _client.NegotiateAsync(Smb2Dialect.Smb311);

        Assert.That(await _client.LogOnAsync(user, password), Is.EqualTo(expected));
        Assert.That(_host.Server.Sessions.Count, Is.Zero);
    }

    [Test]
    public async Task Anonymous_sees_the_list_of_shares_and_nothing_else()
    {
        await RestartAsync(SmbHost.DefaultOptions with { AllowsAnonymousList = true });
        await _client.NegotiateAsync(Smb2Dialect.Smb311);

        Assert.That(await _client.LogOnAsync("", ""), Is.EqualTo(NtStatus.Success));
        Assert.That(await _client.ConnectTreeAsync("IPC$"), Is.EqualTo(NtStatus.Success));
        Assert.That(await _client.ConnectTreeAsync(), Is.EqualTo(NtStatus.AccessDenied));
    }

    [Test]
    public async Task A_request_that_is_not_signed_is_refused()
    {
        await _client.EnterAsync(Smb2Dialect.Smb302);
        await _client.SendAsync(_client.Request(Smb2Command.TreeConnect, TreeBody(SmbHost.Share)));

        Assert.That(Status(await _client.ReceiveAsync()), Is.EqualTo(NtStatus.AccessDenied));
    }

    [Test]
    public async Task A_request_that_was_changed_on_the_way_is_refused()
    {
        await _client.EnterAsync();
        var request = _client.Request(Smb2Command.TreeConnect, TreeBody("filez"));
        _client.Signer!.Sign(request);
        request[^2] = (byte)'s';
        await _client.SendAsync(request);

        Assert.That(Status(await _client.ReceiveAsync()), Is.EqualTo(NtStatus.AccessDenied));
        Assert.That(_host.Metrics.SmbRefusalsOf(SmbRefusal.WrongSignature), Is.EqualTo(1));
    }

    [Test]
    public async Task SMB_311_without_a_signed_tree_connect_is_cut_off()
    {
        await RestartAsync(SmbHost.DefaultOptions with { SigningRequired = false });
        await _client.NegotiateAsync(Smb2Dialect.Smb311);
        await _client.LogOnAsync();
        await _client.SendAsync(_client.Request(Smb2Command.TreeConnect, TreeBody(SmbHost.Share)));

        Assert.That(await _client.IsClosedAsync());
    }

    [TestCase(Smb2Dialect.Smb300)]
    [TestCase(Smb2Dialect.Smb311)]
    public async Task What_is_sealed_is_answered_sealed(Smb2Dialect dialect)
    {
        await _client.NegotiateAsync(dialect);
        await _client.LogOnAsync();

        Assert.That(await _client.ConnectTreeAsync(isSealed: true), Is.EqualTo(NtStatus.Success));
        Assert.That(Status(await _client.AskAsync(Smb2Command.Echo, Empty(), isSealed: true)), Is.EqualTo(NtStatus.Success));
    }

    [Test]
    public async Task A_sealed_message_that_comes_again_closes_the_connection()
    {
        await _client.EnterAsync();
        var frame = _client.Seal(_client.Request(Smb2Command.Echo, Empty()));
        await _client.SendAsync(frame);
        await _client.ReceiveAsync();
        await _client.SendAsync(frame);

        Assert.That(await _client.IsClosedAsync());
    }

    [TestCase(10)]
    [TestCase(25)]
    [TestCase(44)]
    [TestCase(60)]
    public async Task A_sealed_message_that_was_changed_closes_the_connection(int offset)
    {
        await _client.EnterAsync();
        var frame = _client.Seal(_client.Request(Smb2Command.Echo, Empty()));
        frame[offset] ^= 1;
        await _client.SendAsync(frame);

        Assert.That(await _client.IsClosedAsync());
    }

    [Test]
    public async Task A_share_that_must_be_encrypted_lets_in_nothing_else()
    {
        await _client.EnterAsync();
        Assert.That(await _client.ConnectTreeAsync(SmbHost.EncryptedShare), Is.EqualTo(NtStatus.Success));

        Assert.That(Status(await _client.AskAsync(Smb2Command.TreeDisconnect, Empty())), Is.EqualTo(NtStatus.AccessDenied));
        Assert.That(Status(await _client.AskAsync(Smb2Command.TreeDisconnect, Empty(), isSealed: true)), Is.EqualTo(NtStatus.Success));
    }

    [Test]
    public async Task A_client_that_cannot_encrypt_gets_no_encrypted_share()
    {
        await _client.EnterAsync(Smb2Dialect.Smb210);

        Assert.That(await _client.ConnectTreeAsync(SmbHost.EncryptedShare), Is.EqualTo(NtStatus.AccessDenied));
    }

    [Test]
    public async Task Where_encryption_is_required_nothing_is_taken_in_clear()
    {
        await RestartAsync(SmbHost.DefaultOptions with { Encryption = EncryptionPolicy.Required });
        await _client.NegotiateAsync(Smb2Dialect.Smb311);
        Assert.That(await _client.LogOnAsync(), Is.EqualTo(NtStatus.Success));
        Assert.That(_client.SessionFlags & SessionFlags.EncryptData, Is.EqualTo(SessionFlags.EncryptData));
        Assert.That(await _client.ConnectTreeAsync(), Is.EqualTo(NtStatus.AccessDenied));
        Assert.That(await _client.ConnectTreeAsync(isSealed: true), Is.EqualTo(NtStatus.Success));

        using var old = await _host.ConnectAsync();
        await old.NegotiateAsync(Smb2Dialect.Smb210);
        Assert.That(await old.LogOnAsync(), Is.EqualTo(NtStatus.AccessDenied));
    }

    [Test]
    public async Task After_logoff_the_session_is_gone()
    {
        await _client.EnterAsync();
        Assert.That(Status(await _client.AskAsync(Smb2Command.Logoff, Empty())), Is.EqualTo(NtStatus.Success));
        Assert.That(Status(await _client.AskAsync(Smb2Command.TreeDisconnect, Empty())), Is.EqualTo(NtStatus.UserSessionDeleted));
        Assert.That(_host.Server.Sessions.Count, Is.Zero);
    }

    [Test]
    public async Task A_session_belongs_to_its_connection()
    {
        await _client.EnterAsync();
        using var thief = await _host.ConnectAsync();
        await thief.NegotiateAsync(Smb2Dialect.Smb311);
        thief.SessionId = _client.SessionId;
        thief.TreeId = _client.TreeId;

        Assert.That(Status(await thief.AskAsync(Smb2Command.TreeDisconnect, Empty())), Is.EqualTo(NtStatus.UserSessionDeleted));
    }

    private async Task StartAsync(SmbServerOptions options)
    {
        _host = await SmbHost.StartAsync(options);
        _client = await _host.ConnectAsync();
    }

    private async Task RestartAsync(SmbServerOptions options)
    {
        await DisposeAsync();
        await StartAsync(options);
    }
}
