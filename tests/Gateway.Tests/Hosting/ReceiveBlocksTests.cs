using System.Net;
using System.Net.Sockets;
using Gateway.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Hosting;

public sealed class ReceiveBlocksTests
{
    [Test]
    public void Blocks_are_large_within_a_bound_and_small_beyond_it()
    {
        var blocks = new ReceiveBlocks();
        using var pool = blocks.Create();
        var rented = Enumerable.Range(0, ReceiveBlocks.LargeMax + 5).Select(_ => pool.Rent(4096)).ToArray();
        Assert.That(rented.Take(ReceiveBlocks.LargeMax).Select(block => block.Memory.Length),
            Is.All.EqualTo(ReceiveBlocks.LargeBytes));
        Assert.That(rented.Skip(ReceiveBlocks.LargeMax).Select(block => block.Memory.Length),
            Is.All.EqualTo(ReceiveBlocks.SmallBytes));

        foreach (var block in rented)
        {
            block.Dispose();
            block.Dispose();
        }

        Assert.That(blocks.LargeInUse, Is.Zero);
        using var other = blocks.Create();
        using var again = other.Rent();
        Assert.That(again.Memory.Length, Is.EqualTo(ReceiveBlocks.LargeBytes));
        Assert.That(blocks.LargeInUse, Is.EqualTo(1));
    }

    [Test]
    public async Task A_port_receives_more_than_four_kibibytes_at_once()
    {
        var received = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var endpoint = await TcpEndpoint.ListenAsync(
            new IPEndPoint(IPAddress.Loopback, 0), 10, async connection =>
            {
                // All of it first, so that it does not depend on how the bytes arrived.
                const int whole = 200_000;
                var read = await connection.Transport.Input.ReadAtLeastAsync(whole);
                var segments = 0;
                foreach (var segment in read.Buffer) segments += segment.IsEmpty ? 0 : 1;
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                received.SetResult(whole / segments);
            },
            NullLoggerFactory.Instance);
        using var client = new TcpClient();
        await client.ConnectAsync(endpoint.Address);
        await client.GetStream().WriteAsync(new byte[200_000]);
        Assert.That(await received.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.GreaterThan(8192));
        await endpoint.StopAsync(new CancellationToken(canceled: true));
    }
}
