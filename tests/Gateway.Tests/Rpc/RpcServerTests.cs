using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Rpc;

[TestFixture]
internal sealed class RpcServerTests
{
    private const uint Probe = ProbeProgram.ProgramNumber;

    private ProbeProgram _program = null!;
    private RpcHost _host = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _program = new ProbeProgram();
        _host = await RpcHost.StartAsync(_program);
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_call_gets_its_reply()
    {
        using var client = await _host.ConnectAsync();
        await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(7, Probe, 3, ProbeProgram.Echo, [1, 2, 3, 4])));

        var (header, results) = await client.ReplyAsync();

        Assert.That(header.Xid, Is.EqualTo(7));
        Assert.That(header.Succeeded);
        Assert.That(results, Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
    }

    [Test]
    public async Task A_slow_call_does_not_hold_up_the_next()
    {
        using var client = await _host.ConnectAsync();
        await client.SendAsync(
        [
            .. RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, ProbeProgram.Wait, RpcSocket.UInt32(1))),
            .. RpcSocket.Marked(RpcSocket.Call(2, Probe, 3, ProbeProgram.Null)),
            .. RpcSocket.Marked(RpcSocket.Call(3, Probe, 3, ProbeProgram.Wait, RpcSocket.UInt32(3))),
            .. RpcSocket.Marked(RpcSocket.Call(4, Probe, 3, ProbeProgram.EchoLater)),
        ]);

        var early = new[] { (await client.ReplyAsync()).Header.Xid, (await client.ReplyAsync()).Header.Xid };
        Assert.That(early, Is.EquivalentTo(new[] { 2u, 4u }));
        _program.Open(3);
        Assert.That((await client.ReplyAsync()).Header.Xid, Is.EqualTo(3));
        _program.Open(1);
        Assert.That((await client.ReplyAsync()).Header.Xid, Is.EqualTo(1));
    }

    [Test]
    public async Task Hundreds_of_calls_run_at_once_and_each_is_answered_once()
    {
        const int Calls = 500;
        using var client = await _host.ConnectAsync();
        for (uint i = 0; i < Calls; i++)
            await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.Wait, RpcSocket.UInt32(i))));
        for (uint i = Calls; i > 0; i--) _program.Open(i - 1);

        var seen = new HashSet<uint>();
        for (var i = 0; i < Calls; i++)
        {
            var (header, results) = await client.ReplyAsync();
            Assert.That(seen.Add(header.Xid));
            Assert.That(results, Is.EqualTo(RpcSocket.UInt32(header.Xid)));
        }
    }

    [Test]
    public async Task No_more_calls_of_a_connection_run_than_its_limit([Values(1, 8)] int limit)
    {
        await using var host = await RpcHost.StartAsync(
            new RpcLimits { ConnectionRequestsMax = limit }, TimeProvider.System, _program);
        using var client = await host.ConnectAsync();
        for (uint i = 0; i < 40; i++)
            await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.Wait, RpcSocket.UInt32(i))));
        for (uint i = 0; i < 40; i++) _program.Open(i);
        for (uint i = 0; i < 40; i++) await client.ReplyAsync();

        Assert.That(_program.RunningMost, Is.LessThanOrEqualTo(limit));
    }

    [Test]
    public async Task Large_replies_arrive_whole([Values(1, 1000, 9000, 70_000, 1 << 20)] int bytes)
    {
        using var client = await _host.ConnectAsync();
        for (uint i = 0; i < 20; i++)
        {
            await client.SendAsync(
                RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.Fill, RpcSocket.UInt32((uint)bytes))));
        }

        var expected = Enumerable.Range(0, bytes).Select(i => unchecked((byte)i)).ToArray();
        for (uint i = 0; i < 20; i++)
        {
            var (header, results) = await client.ReplyAsync();
            Assert.That(header.Xid, Is.EqualTo(i));
            Assert.That(results.AsSpan().SequenceEqual(expected));
        }
    }

    [Test]
    public async Task Large_requests_arrive_whole()
    {
        var payload = Enumerable.Range(0, 1 << 20).Select(i => unchecked((byte)(i * 7))).ToArray();
        using var client = await _host.ConnectAsync();
        var sending = Task.Run(async () =>
        {
            for (uint i = 0; i < 10; i++)
                await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.EchoLater, payload)));
        });
        for (var i = 0; i < 10; i++)
        {
            var (_, results) = await client.ReplyAsync();
            Assert.That(results.AsSpan().SequenceEqual(payload));
        }

        await sending;
    }

    [Test]
    public async Task Credentials_reach_the_program()
    {
        var caller = RpcCredentials.Sys(1000, 100, [4, 5, 6], "client.example");
        using var client = await _host.ConnectAsync();
        for (uint i = 0; i < 3; i++)
            await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.Identify, caller: caller)));

        for (var i = 0; i < 3; i++)
        {
            var (_, results) = await client.ReplyAsync();
            var expected = new uint[] { 1000, 100, 3, 4, 5, 6 }.SelectMany(RpcSocket.UInt32).ToArray();
            Assert.That(results, Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task A_failing_program_answers_system_error_and_the_connection_goes_on(
        [Values(ProbeProgram.Throw, ProbeProgram.ThrowLater, ProbeProgram.Overflow)] uint procedure)
    {
        using var client = await _host.ConnectAsync();
        await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, procedure)));
        var (header, results) = await client.ReplyAsync();
        Assert.That(header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.SystemError));
        Assert.That(results, Is.Empty);

        await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(2, Probe, 3, ProbeProgram.Null)));
        Assert.That((await client.ReplyAsync()).Header.Xid, Is.EqualTo(2));
    }

    [Test]
    public async Task A_dropped_call_gets_no_reply_and_a_refused_one_an_auth_error()
    {
        using var client = await _host.ConnectAsync();
        await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, ProbeProgram.DropIt)));
        await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(2, Probe, 3, ProbeProgram.RefuseIt)));

        var (header, _) = await client.ReplyAsync();
        Assert.That(header.Xid, Is.EqualTo(2));
        Assert.That(header.Status, Is.EqualTo(RpcReplyStatus.Denied));
        Assert.That(header.AuthStatus, Is.EqualTo(RpcAuthStatus.TooWeak));
    }

    [Test]
    public async Task A_client_that_closes_its_sending_side_still_gets_its_replies()
    {
        using var client = await _host.ConnectAsync();
        await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, ProbeProgram.Wait, RpcSocket.UInt32(1))));
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        _program.Open(1);

        Assert.That((await client.ReplyAsync()).Header.Xid, Is.EqualTo(1));
        Assert.That(await client.ReceiveAsync(), Is.Null);
    }

    [Test]
    public async Task Everything_reserved_is_given_back()
    {
        using (var client = await _host.ConnectAsync())
        {
            for (uint i = 0; i < 50; i++)
            {
                await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.EchoLater, new byte[i * 400])));
                await client.ReplyAsync();
            }

            await client.SendAsync(RpcSocket.Marked(RpcSocket.Call(99, Probe, 3, ProbeProgram.Wait, RpcSocket.UInt32(1))));
            await client.SendAsync([0x80, 0, 2, 0, 1, 2, 3]);
        }

        _program.Open(1);
        await Eventually.HoldsAsync(() => _host.Handler.OpenConnections == 0);
        Assert.That(_host.Memory.HeldBytes, Is.Zero);
    }
}
