using System.Net;
using System.Net.Sockets;
using Gateway.Sockets;

namespace Gateway.Tests.Smb.Connections;

[TestFixture]
public sealed class TcpSilenceTests
{
    [Test]
    public async Task A_peer_that_acknowledges_is_not_silent_nor_one_that_is_gone()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var socket = await listener.AcceptSocketAsync();
        await socket.SendAsync("x"u8.ToArray());
        await client.GetStream().ReadExactlyAsync(new byte[1]);
        Assert.That(TcpSilence.IsOf(socket, TimeSpan.FromSeconds(5)), Is.False);

        socket.Dispose();
        Assert.That(TcpSilence.IsOf(socket, TimeSpan.FromSeconds(5)), Is.False);
    }
}
