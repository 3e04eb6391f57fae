using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb;
using Gateway.Sockets;
using static Gateway.Tests.Smb.SmbTestClient;

namespace Gateway.Tests.Smb.Connections;

public sealed class ConnectionTests
{
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

    [TestCase(Smb2Dialect.Smb202, Smb2SigningAlgorithm.HmacSha256, Smb2CipherId.None, 64 << 10)]
    [TestCase(Smb2Dialect.Smb210, Smb2SigningAlgorithm.HmacSha256, Smb2CipherId.None, 8 << 20)]
    [TestCase(Smb2Dialect.Smb300, Smb2SigningAlgorithm.AesCmac, Smb2CipherId.Aes128Ccm, 8 << 20)]
    [TestCase(Smb2Dialect.Smb302, Smb2SigningAlgorithm.AesCmac, Smb2CipherId.Aes128Ccm, 8 << 20)]
    [TestCase(Smb2Dialect.Smb311, Smb2SigningAlgorithm.AesGmac, Smb2CipherId.Aes128Gcm, 8 << 20)]
    public async Task A_user_logs_on_with_each_dialect(
        Smb2Dialect dialect, Smb2SigningAlgorithm signing, Smb2CipherId cipher, int transferBytes)
    {
        var answer = await _client.NegotiateAsync(dialect);
        Assert.That(answer.Dialect, Is.EqualTo(dialect));
        Assert.That(answer.MaxWriteBytes, Is.EqualTo(transferBytes));
        Assert.That(answer.ServerGuid, Is.EqualTo(SmbHost.DefaultOptions.ServerGuid));
        Assert.That(_client.SigningAlgorithm, Is.EqualTo(signing));
        Assert.That(_client.Cipher, Is.EqualTo(cipher));

        Assert.That(await _client.LogOnAsync(), Is.EqualTo(NtStatus.Success));
        Assert.That(await _client.ConnectTreeAsync(), Is.EqualTo(NtStatus.Success));
        Assert.That(Status(await _client.AskAsync(Smb2Command.Echo, Empty())), Is.EqualTo(NtStatus.Success));
    }

    [Test]
    public async Task Smb1_is_answered_once_and_only_with_SMB2()
    {
        byte[] names = [2, .. "NT LM 0.12"u8, 0, 2, .. "SMB 2.???"u8, 0];
        byte[] smb1 = [0xFF, (byte)'S', (byte)'M', (byte)'B', 0x72, .. new byte[27], 0, (byte)names.Length, 0, .. names];
        await _client.SendAsync(smb1);
        var answer = await _client.ReceiveAsync();
        Assert.That(NegotiateResponse.TryParse(answer, out var parsed));
        Assert.That(parsed.Dialect, Is.EqualTo(Smb2Dialect.Wildcard));
        Assert.That(Header(answer).Credits, Is.EqualTo(1));

        _client.NextMessageId = 1;
        Assert.That((await _client.NegotiateAsync(Smb2Dialect.Smb311)).Dialect, Is.EqualTo(Smb2Dialect.Smb311));
        await _client.SendAsync(smb1);
        Assert.That(await _client.IsClosedAsync());
    }

    [Test]
    public async Task What_is_not_SMB_closes_the_connection([Values(0, 1, 2, 3, 4)] int kind)
    {
        byte[][] frames =
        [
            [0, 0, 0, 3, 1, 2, 3],
            [0x85, 0, 0, 4, 1, 2, 3, 4],
            [0, 0, 0, 4, 1, 2, 3, 4],
            [0, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4],
            [.. "GET / HTTP/1.1\r\n\r\n"u8],
        ];
        await _client.SendRawAsync(frames[kind]);

        Assert.That(await _client.IsClosedAsync());
        Assert.That(_host.Metrics.SmbViolations, Is.EqualTo(1));
    }

    [Test]
    public async Task Nothing_goes_before_Negotiate_and_nothing_twice()
    {
        using var other = await _host.ConnectAsync();
        await other.SendAsync(other.Request(Smb2Command.Echo, Empty()));
        Assert.That(await other.IsClosedAsync());

        await _client.NegotiateAsync(Smb2Dialect.Smb311);
        await _client.SendAsync(_client.Request(Smb2Command.Negotiate, _client.NegotiateBody(Smb2Dialect.Smb311)));
        Assert.That(await _client.IsClosedAsync());
    }

    [Test]
    public async Task An_offer_without_a_common_dialect_is_refused()
    {
        await _client.SendAsync(_client.Request(Smb2Command.Negotiate, _client.NegotiateBody(Smb2Dialect.Wildcard)));

        Assert.That(Status(await _client.ReceiveAsync()), Is.EqualTo(NtStatus.NotSupported));
    }

    [Test]
    public async Task A_message_id_is_good_for_once()
    {
        await _client.EnterAsync();
        _client.NextMessageId--;
        var again = _client.Request(Smb2Command.Echo, Empty());
        _client.Signer!.Sign(again);
        await _client.SendAsync(again);

        Assert.That(await _client.IsClosedAsync());
    }

    [Test]
    public async Task A_large_message_before_the_log_on_closes_the_connection()
    {
        await _client.NegotiateAsync(Smb2Dialect.Smb311);
        await _client.SendRawAsync([0, 2, 0, 0]);

        Assert.That(await _client.IsClosedAsync());
    }

    [Test]
    public async Task Elements_of_a_compound_are_answered_and_signed_one_by_one()
    {
        await _client.EnterAsync();
        var chain = Chain(3, Smb2HeaderFlags.None);
        await _client.SendAsync(chain);
        var answer = await _client.ReceiveAsync();

        Assert.That(answer, Has.Length.EqualTo(3 * 72));
        for (var i = 0; i < 3; i++)
        {
            var element = answer.AsSpan(i * 72, 72);
            Assert.That(Smb2Header.TryParse(element, out var header));
            Assert.That(header.Status, Is.EqualTo(NtStatus.Success));
            Assert.That(header.NextCommand, Is.EqualTo(i < 2 ? 72u : 0u));
            Assert.That(header.Credits, i < 2 ? Is.Zero : Is.GreaterThan(0));
            Assert.That(_client.Signer!.Verify(element), $"element {i}");
        }
    }

    [Test]
    public async Task A_compound_cannot_begin_with_something_related()
    {
        await _client.EnterAsync();
        await _client.SendAsync(Chain(2, Smb2HeaderFlags.Related));
        var answer = await _client.ReceiveAsync();

        Assert.That(Status(answer), Is.EqualTo(NtStatus.InvalidParameter));
        Assert.That(Status(answer[(int)Header(answer).NextCommand..]), Is.EqualTo(NtStatus.InvalidParameter));
    }

    [TestCase(8u)]
    [TestCase(70u)]
    [TestCase(0xFFFFFFF8u)]
    public async Task A_compound_that_leads_nowhere_closes_the_connection(uint next)
    {
        await _client.EnterAsync();
        var message = Chain(2, Smb2HeaderFlags.None);
        BitConverter.TryWriteBytes(message.AsSpan(Smb2Header.NextCommandOffset), next);
        await _client.SendAsync(message);

        Assert.That(await _client.IsClosedAsync());
    }

    [Test]
    public async Task A_compound_without_end_closes_the_connection()
    {
        await _client.EnterAsync();
        await _client.SendAsync(Chain(SmbLimits.CompoundElementsMax + 1, Smb2HeaderFlags.None));

        Assert.That(await _client.IsClosedAsync());
    }

    [Test]
    public async Task Bodies_that_are_too_short_or_of_another_size_are_refused()
    {
        await _client.EnterAsync();

        Assert.That(Status(await _client.AskAsync(Smb2Command.Echo, [])), Is.EqualTo(NtStatus.InvalidParameter));
        Assert.That(Status(await _client.AskAsync(Smb2Command.Echo, [5, 0, 0, 0])), Is.EqualTo(NtStatus.InvalidParameter));
        Assert.That(Status(await _client.AskAsync((Smb2Command)0x77, Empty())), Is.EqualTo(NtStatus.InvalidParameter));
    }

    [Test]
    public async Task All_memory_is_given_back()
    {
        await _client.EnterAsync();
        for (var i = 0; i < 10; i++) await _client.AskAsync(Smb2Command.Echo, Empty());
        _client.Dispose();
        for (var i = 0; i < 100 && _host.OpenConnections > 0; i++) await Task.Delay(20);

        Assert.That(_host.OpenConnections, Is.Zero);
        Assert.That(_host.Server.Memory.HeldBytes, Is.Zero);
        Assert.That(_host.Server.PendingBudget.Used, Is.Zero);
        Assert.That(_host.Server.Sessions.Count, Is.Zero);
    }

    [Test]
    public async Task Requests_that_wait_use_up_no_room_of_transfers()
    {
        var limits = new SmbLimits { PendingBytesMax = 2 * SmbLimits.MessageOverheadBytes };
        await using var host = await SmbHost.StartAsync(SmbHost.DefaultOptions with { Limits = limits });
        using var client = await host.ConnectAsync();
        await client.EnterAsync();
        var created = await client.AskAsync(Smb2Command.Create, OpenRootBody());
        Assert.That(Status(created), Is.EqualTo(NtStatus.Success));
        var notify = NotifyBody(created.AsSpan(Smb2Header.Bytes + 64, 16));

        Assert.That(Status(await client.AskAsync(Smb2Command.ChangeNotify, notify)), Is.EqualTo(NtStatus.Pending));
        Assert.That(Status(await client.AskAsync(Smb2Command.ChangeNotify, notify)), Is.EqualTo(NtStatus.Pending));
        Assert.That(Status(await client.AskAsync(Smb2Command.ChangeNotify, notify)), Is.EqualTo(NtStatus.InsufficientResources));
        for (var i = 0; i < 100 && host.Server.Memory.HeldBytes > 0; i++) await Task.Delay(20);
        Assert.That(host.Server.Memory.HeldBytes, Is.Zero);
        Assert.That(host.Server.PendingBudget.Used, Is.EqualTo(limits.PendingBytesMax));

        client.Dispose();
        for (var i = 0; i < 100 && host.OpenConnections > 0; i++) await Task.Delay(20);
        Assert.That(host.Server.PendingBudget.Used, Is.Zero);
    }

    [Test]
    public async Task A_request_that_waits_holds_up_none_behind_it_when_memory_is_short()
    {
        await _client.EnterAsync();
        var created = await _client.AskAsync(Smb2Command.Create, OpenRootBody());
        var notify = NotifyBody(created.AsSpan(Smb2Header.Bytes + 64, 16));
        for (var i = 0; i < 3; i++) Assert.That(Status(await _client.AskAsync(Smb2Command.ChangeNotify, notify)), Is.EqualTo(NtStatus.Pending));

        // Others hold all but what a small request needs.
        const int Left = 2 * SmbLimits.MessageOverheadBytes;
        for (var i = 0; i < 100 && _host.Server.Memory.HeldBytes > 0; i++) await Task.Delay(20);
        Assert.That(_host.Server.Memory.Replies.TryTake((int)TransferMemory.ReplyBytesMax - Left));
        Assert.That(Status(await _client.AskAsync(Smb2Command.Echo, Empty())), Is.EqualTo(NtStatus.Success));
        _host.Server.Memory.Replies.Return((int)TransferMemory.ReplyBytesMax - Left);
    }

    // CREATE of the share's root (MS-SMB2 2.2.13), and CHANGE_NOTIFY of names in it (2.2.35).
    private static byte[] OpenRootBody()
    {
        var body = new byte[57];
        body[0] = 57;
        body[4] = 2;
        body[24] = 0x81;
        body[32] = 7;
        body[36] = 1;
        body[40] = 1;
        body[44] = Smb2Header.Bytes + 56;
        return body;
    }

    private static byte[] NotifyBody(ReadOnlySpan<byte> file) => [32, 0, 0, 0, 0, 16, 0, 0, .. file, 1, 0, 0, 0, 0, 0, 0, 0];

    private byte[] Chain(int count, Smb2HeaderFlags flags)
    {
        List<byte> chain = [];
        for (var i = 0; i < count; i++)
        {
            var element = _client.Request(Smb2Command.Echo, [.. Empty(), 0, 0, 0, 0], flags);
            if (i < count - 1) BitConverter.TryWriteBytes(element.AsSpan(Smb2Header.NextCommandOffset), element.Length);
            _client.Signer!.Sign(element);
            chain.AddRange(element);
        }

        return [.. chain];
    }
}
