using System.Diagnostics;

namespace Gateway.Tests.Rpc;

/// <summary>How fast the server is on loopback. Not part of a test run: say its name to run it.</summary>
[TestFixture]
[Explicit("A measurement.")]
internal sealed class RpcFloodTests
{
    [TestCase(ProbeProgram.Null, 0, 1, 1)]
    [TestCase(ProbeProgram.Null, 0, 1, 16)]
    [TestCase(ProbeProgram.Null, 0, 1, 256)]
    [TestCase(ProbeProgram.Attributes, 36, 1, 1)]
    [TestCase(ProbeProgram.Attributes, 36, 1, 16)]
    [TestCase(ProbeProgram.Attributes, 36, 4, 16)]
    [TestCase(ProbeProgram.EchoLater, 36, 1, 16)]
    public async Task Small_calls(uint procedure, int argumentBytes, int connections, int depth)
    {
        await using var host = await RpcHost.StartAsync(new ProbeProgram());
        for (var round = 0; round < 3; round++)
        {
            var allocated = GC.GetTotalAllocatedBytes();
            var clock = Stopwatch.StartNew();
            var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(
                _ => Task.Run(() => FloodAsync(host, procedure, argumentBytes, depth, clock))));
            var rate = counts.Sum() / clock.Elapsed.TotalSeconds;
            var perCall = (GC.GetTotalAllocatedBytes() - allocated) / (double)counts.Sum();
            TestContext.Out.WriteLine(
                $"procedure {procedure}, {connections} x depth {depth}: {rate:N0}/s, {perCall:N1} bytes allocated per call");
        }
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task Large_reads(int depth)
    {
        await using var host = await RpcHost.StartAsync(new ProbeProgram());
        using var client = await host.ConnectAsync();
        var call = RpcSocket.Marked(
            RpcSocket.Call(1, ProbeProgram.ProgramNumber, 3, ProbeProgram.Fill, RpcSocket.UInt32(1 << 20)));
        var buffer = new byte[1 << 20];
        var record = (1 << 20) + 28;
        for (var i = 0; i < depth; i++) await client.SendAsync(call);
        var clock = Stopwatch.StartNew();
        var count = 0;
        while (clock.ElapsedMilliseconds < 2000)
        {
            for (var got = 0; got < record;)
                got += await client.Socket.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, record - got)));
            await client.SendAsync(call);
            count++;
        }

        TestContext.Out.WriteLine($"read 1 MiB, depth {depth}: {count / clock.Elapsed.TotalSeconds:N0} MiB/s");
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task Large_writes(int depth)
    {
        await using var host = await RpcHost.StartAsync(new ProbeProgram());
        using var client = await host.ConnectAsync();
        var call = RpcSocket.Marked(
            RpcSocket.Call(1, ProbeProgram.ProgramNumber, 3, ProbeProgram.Null, new byte[1 << 20]));
        var clock = Stopwatch.StartNew();
        var gate = new SemaphoreSlim(depth);
        var count = 0;
        var receiving = Task.Run(async () =>
        {
            while (await client.ReceiveAsync() is not null)
            {
                count++;
                gate.Release();
            }
        });
        while (clock.ElapsedMilliseconds < 2000)
        {
            await gate.WaitAsync();
            await client.SendAsync(call);
        }

        TestContext.Out.WriteLine($"write 1 MiB, depth {depth}: {count / clock.Elapsed.TotalSeconds:N0} MiB/s");
        client.Dispose();
        await receiving.WaitAsync(TimeSpan.FromSeconds(5)).ContinueWith(_ => { });
    }

    private static async Task<long> FloodAsync(
        RpcHost host, uint procedure, int argumentBytes, int depth, Stopwatch clock)
    {
        using var client = await host.ConnectAsync();
        var call = RpcSocket.Marked(
            RpcSocket.Call(1, ProbeProgram.ProgramNumber, 3, procedure, new byte[argumentBytes]));
        await client.SendAsync(call);
        var replyBytes = (await client.ReceiveAsync())!.Length + 4;
        var calls = new byte[call.Length * depth];
        for (var i = 0; i < depth; i++) call.CopyTo(calls, i * call.Length);
        var buffer = new byte[1 << 18];
        long count = 0;
        await client.SendAsync(calls);
        var rest = 0;
        while (clock.ElapsedMilliseconds < 1500)
        {
            // As many new calls as replies came: the depth stays the same.
            rest += await client.Socket.ReceiveAsync(buffer.AsMemory());
            var replies = rest / replyBytes;
            rest -= replies * replyBytes;
            if (replies == 0) continue;
            count += replies;
            await client.Socket.SendAsync(calls.AsMemory(0, replies * call.Length));
        }

        return count;
    }
}
