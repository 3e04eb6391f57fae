using System.Globalization;
using System.Net.Sockets;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;
using Gateway.Sockets;

namespace Gateway.Tests.Rpc;

/// <summary>What clients can make the server hold.</summary>
[TestFixture]
internal sealed class RpcBoundsTests
{
    private const uint Probe = ProbeProgram.ProgramNumber;

    [Test]
    public async Task A_client_that_never_reads_its_replies_is_bounded_and_bothers_nobody()
    {
        await using var host = await RpcHost.StartAsync(new ProbeProgram());
        using var greedy = await host.ConnectAsync();
        greedy.Socket.ReceiveBufferSize = 4096;
        var call = RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, ProbeProgram.Fill, RpcSocket.UInt32(1 << 20)));
        var flood = Enumerable.Repeat(call, 20_000).SelectMany(bytes => bytes).ToArray();
        greedy.Socket.SendTimeout = 500;
        greedy.Socket.Blocking = true;
        var sent = Task.Run(() =>
        {
            try
            {
                greedy.Socket.Send(flood);
            }
            catch (SocketException)
            {
                // The server stopped reading: that is what it should do.
            }
        });
        await sent;
        var limits = new RpcLimits();
        Assert.That(host.Memory.HeldBytes, Is.LessThanOrEqualTo(limits.ConnectionBytesMax + RpcLimits.RecordBytesMax));

        using var other = await host.ConnectAsync();
        for (uint i = 0; i < 100; i++)
        {
            await other.SendAsync(RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.Null)));
            Assert.That((await other.ReplyAsync()).Header.Xid, Is.EqualTo(i));
        }
    }

    /// <summary>Together they may not hold all there is: 8 alone could, each within its own limit.</summary>
    [TestCase(8)]
    [TestCase(200)]
    public async Task Many_clients_that_never_read_leave_room_for_another(int clients)
    {
        var limits = new RpcLimits { StallWantedMax = TimeSpan.FromMilliseconds(200) };
        await using var host = await RpcHost.StartAsync(limits, TimeProvider.System, new ProbeProgram());
        var fill = RpcSocket.Call(1, Probe, 3, ProbeProgram.Fill, RpcSocket.UInt32(1 << 20));
        var flood = Enumerable.Repeat(RpcSocket.Marked(fill), 100).SelectMany(bytes => bytes).ToArray();
        var greedy = new List<RpcSocket>();
        try
        {
            for (var i = 0; i < clients; i++)
            {
                greedy.Add(await host.ConnectAsync());
                greedy[i].Socket.ReceiveBufferSize = 4096;
                await greedy[i].SendAsync(flood);
            }

            var most = Math.Min(clients * 2L << 20, TransferMemory.ReplyBytesMax / 2);
            await Eventually.HoldsAsync(() => host.Memory.HeldBytes >= most);
            using var other = await host.ConnectAsync();
            for (uint i = 0; i < 20; i++)
            {
                await other.SendAsync(RpcSocket.Marked(RpcSocket.Call(i, Probe, 3, ProbeProgram.Null)));
                Assert.That((await other.ReplyAsync()).Header.Xid, Is.EqualTo(i));
            }

            await other.SendAsync(RpcSocket.Marked(fill));
            Assert.That((await other.ReplyAsync()).Results, Has.Length.EqualTo(1 << 20));
            Assert.That(host.Memory.HeldBytes, Is.LessThan(TransferMemory.ReplyBytesMax + TransferMemory.RequestBytesMax));
        }
        finally
        {
            greedy.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    public async Task Stalled_clients_are_closed()
    {
        var limits = new RpcLimits { StallMax = TimeSpan.FromMilliseconds(100) };
        await using var host = await RpcHost.StartAsync(limits, TimeProvider.System, new ProbeProgram());
        using var partial = await host.ConnectAsync();
        using var idle = await host.ConnectAsync();
        await partial.SendAsync([0x80, 0, 0, 40, 1, 2, 3]);

        Assert.That(await partial.ReceiveAsync(), Is.Null, "in the middle of a record");
        await idle.SendAsync(RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, ProbeProgram.Null)));
        Assert.That((await idle.ReplyAsync()).Header.Xid, Is.EqualTo(1), "between records one may be silent");
    }

    [Test]
    public async Task Connections_beyond_the_limit_are_closed_at_once()
    {
        var limits = new RpcLimits { ConnectionsMax = 3 };
        await using var host = await RpcHost.StartAsync(limits, TimeProvider.System, new ProbeProgram());
        var open = new List<RpcSocket>();
        for (var i = 0; i < 3; i++)
        {
            open.Add(await host.ConnectAsync());
            await open[i].SendAsync(RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, ProbeProgram.Null)));
            await open[i].ReplyAsync();
        }

        Assert.That(await IsServedAsync(host), Is.False);
        open[0].Dispose();
        await Eventually.HoldsAsync(() => host.Handler.OpenConnections < 3);

        // The listener counts too, and forgets a connection a moment after its handler has.
        await Eventually.HoldsAsync(() => IsServedAsync(host));
        foreach (var socket in open) socket.Dispose();
    }

    private static async Task<bool> IsServedAsync(RpcHost host)
    {
        try
        {
            using var next = await host.ConnectAsync();
            await next.SendAsync(RpcSocket.Marked(RpcSocket.Call(5, Probe, 3, ProbeProgram.Null)));
            if (await next.ReceiveAsync() is not { } record) return false;
            Assert.That(RpcReplyHeader.TryParse(record, out var header) && header.Xid == 5);
            return true;
        }
        catch (SocketException)
        {
            // The reset of a refused connection may come before its connect is known to have succeeded.
            return false;
        }
    }

    [Test]
    public async Task Ten_thousand_idle_connections_cost_little()
    {
        var connections = AsManyAsTheLimitAllows(10_000);
        if (connections < 5000) Assert.Ignore("The limit of open files is too low here.");
        const long BytesPerConnectionMax = 16 << 10;
        await using var host = await RpcHost.StartAsync(new ProbeProgram());
        var sockets = new List<RpcSocket>(connections);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        try
        {
            for (var i = 0; i < connections; i++) sockets.Add(await host.ConnectAsync());
            await Eventually.HoldsAsync(() => host.Handler.OpenConnections == connections);
            var perConnection = (GC.GetTotalMemory(forceFullCollection: true) - before) / connections;
            TestContext.Out.WriteLine($"{connections} connections: {perConnection:N0} bytes per idle connection, client's side included");
            Assert.That(perConnection, Is.LessThan(BytesPerConnectionMax));

            await sockets[^1].SendAsync(RpcSocket.Marked(RpcSocket.Call(1, Probe, 3, ProbeProgram.Null)));
            Assert.That((await sockets[^1].ReplyAsync()).Header.Xid, Is.EqualTo(1));
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    // Both ends are in this process, and a few hundred files are its own.
    private static int AsManyAsTheLimitAllows(int wanted)
    {
        var line = File.ReadLines("/proc/self/limits").First(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
        return Math.Min(wanted, (soft - 600) / 2);
    }
}
