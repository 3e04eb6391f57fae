using System.Net;
using System.Net.Sockets;
using Gateway.Nfs.Portmap;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Portmap;
using Gateway.Protocol.Wire;
using Gateway.Tests.Rpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Portmap;

[TestFixture]
internal sealed class PortmapProgramTests
{
    private static readonly PortmapService[] Services =
        [new(100003, 3, 2049), new(100005, 1, 2049), new(100005, 3, 2049), new(100021, 4, 2049)];

    private RpcHost _host = null!;

    [SetUp]
    public async Task StartAsync() =>
        _host = await RpcHost.StartAsync(new PortmapProgram(new PortmapRegistry(Services), TimeProvider.System));

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [TestCase(100003u, 3u, 6u, 2049u)]
    [TestCase(100003u, 4u, 6u, 2049u, Description = "another version: the program itself answers with the range")]
    [TestCase(100003u, 3u, 17u, 0u)]
    [TestCase(100000u, 2u, 6u, 111u)]
    [TestCase(100000u, 2u, 17u, 111u)]
    [TestCase(100099u, 1u, 6u, 0u)]
    public async Task Getport(uint program, uint version, uint protocol, uint expected)
    {
        var results = await AskAsync(2, 3, writer =>
            new PortmapMapping(program, version, (TransportProtocol)protocol, 0).Write(writer));

        Assert.That(results, Is.EqualTo(RpcSocket.UInt32(expected)));
    }

    [Test]
    public async Task Dump_lists_every_service()
    {
        var results = await AskAsync(2, 4, null);
        var mappings = new List<PortmapMapping>();

        Assert.That(PortmapMapping.TryParseList(results, 100, mappings));
        Assert.That(mappings, Has.Member(new PortmapMapping(100003, 3, TransportProtocol.Tcp, 2049)));
        Assert.That(mappings, Has.Member(new PortmapMapping(100005, 1, TransportProtocol.Tcp, 2049)));
        Assert.That(mappings, Has.Member(new PortmapMapping(100000, 2, TransportProtocol.Udp, 111)));
        Assert.That(mappings.Any(m => m.Program == 100003 && m.Protocol == TransportProtocol.Udp), Is.False);
    }

    [TestCase(3u, 3u, 3u, "127.0.0.1.8.1")]
    [TestCase(4u, 3u, 3u, "127.0.0.1.8.1")]
    [TestCase(4u, 3u, 4u, "127.0.0.1.8.1", Description = "GETADDR: any version will do")]
    [TestCase(4u, 9u, 4u, "", Description = "GETVERSADDR: this version or none")]
    public async Task Getaddr(uint rpcbind, uint procedure, uint version, string expected)
    {
        var results = await AskAsync(rpcbind, procedure, new RpcbindMapping(100003, version, "tcp", "", "").Write);

        Assert.That(RpcbindMapping.TryParseAddress(results, out var address));
        Assert.That(address, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_program_on_this_machine_registers_only_from_a_reserved_port()
    {
        var mapping = new RpcbindMapping(391002, 2, "tcp", "0.0.0.0.3.4", "someone");
        var refused = await AskAsync(4, 1, mapping.Write);
        Assert.That(refused, Is.EqualTo(RpcSocket.UInt32(0)));
        if (Environment.UserName != "root") Assert.Ignore("Only root may bind a reserved port.");

        using var local = await RpcClient.ConnectAsync(_host.EndPoint, RpcCredentials.None, reservedPort: true, default);
        var set = await local.CallAsync(100000, 4, 1, mapping.Write, default);
        Assert.That(set.Results.ToArray(), Is.EqualTo(RpcSocket.UInt32(1)));
        var port = await AskAsync(2, 3, new PortmapMapping(391002, 2, TransportProtocol.Tcp, 0).Write);
        Assert.That(port, Is.EqualTo(RpcSocket.UInt32(0x0304)));
        var ours = await local.CallAsync(100000, 4, 1, (mapping with { Program = 100003 }).Write, default);
        Assert.That(ours.Results.ToArray(), Is.EqualTo(RpcSocket.UInt32(0)), "our own programs are not for sale");
        var unset = await local.CallAsync(100000, 4, 2, (mapping with { NetworkId = "" }).Write, default);
        Assert.That(unset.Results.ToArray(), Is.EqualTo(RpcSocket.UInt32(1)));
    }

    [TestCase(2u, 99u)]
    [TestCase(3u, 9u)]
    [TestCase(4u, 12u)]
    public async Task Procedures_that_are_not_offered(uint version, uint procedure)
    {
        using var client = await RpcClient.ConnectAsync(_host.EndPoint, RpcCredentials.None, false, default);
        var answer = await client.CallAsync(100000, version, procedure, null, default);
        Assert.That(answer.Header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.ProcedureUnavailable));
    }

    [Test]
    public async Task Datagrams_are_answered_and_never_with_more_than_they_hold()
    {
        await using var endpoint = _host.Handler.ListenForDatagrams(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(endpoint.LocalEndPoint);
        using var writer = new XdrWriter();
        new PortmapMapping(100003, 3, TransportProtocol.Tcp, 0).Write(writer);
        var getport = RpcSocket.Call(5, 100000, 2, 3, writer.WrittenSpan.ToArray());

        // Neither the list nor the indirect call may come back: the next reply is that of GETPORT.
        foreach (var silent in new[] { RpcSocket.Call(1, 100000, 2, 4), RpcSocket.Call(2, 100000, 4, 4), RpcSocket.Call(3, 100000, 2, 5, new byte[16]), [1, 2, 3] })
            await client.SendAsync(silent);
        await client.SendAsync(getport);
        var buffer = new byte[2000];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var length = await client.ReceiveAsync(buffer, patience.Token);

        Assert.That(RpcReplyHeader.TryParse(buffer.AsSpan(0, length), out var header));
        Assert.That(header.Xid, Is.EqualTo(5));
        Assert.That(buffer[header.HeaderBytes..length], Is.EqualTo(RpcSocket.UInt32(2049)));
        Assert.That(length, Is.LessThanOrEqualTo(getport.Length));
    }

    [Test]
    public async Task Registration_with_a_port_mapper_and_back()
    {
        if (Environment.UserName != "root") Assert.Ignore("Only root may bind a reserved port.");
        PortmapService[] ours = [new(400_200, 1, 12345), new(400_200, 3, 12345)];
        var registration = new RpcbindRegistration(ours, IPAddress.Any, NullLogger<RpcbindRegistration>.Instance)
        {
            SocketPath = "/nonexistent/rpcbind.sock",
            TcpEndPoint = _host.EndPoint,
        };
        Assert.That(await registration.RegisterAsync(default));
        Assert.That(registration.RegisteredCount, Is.EqualTo(2));
        var mapping = new PortmapMapping(400_200, 3, TransportProtocol.Tcp, 0);
        Assert.That(await AskAsync(2, 3, mapping.Write), Is.EqualTo(RpcSocket.UInt32(12345)));

        await registration.UnregisterAsync(default);
        Assert.That(await AskAsync(2, 3, mapping.Write), Is.EqualTo(RpcSocket.UInt32(0)));
    }

    [Test]
    public async Task Without_a_port_mapper_nothing_is_registered()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var registration = new RpcbindRegistration(Services, IPAddress.Any, NullLogger<RpcbindRegistration>.Instance)
        {
            SocketPath = "/nonexistent/rpcbind.sock",
            TcpEndPoint = (IPEndPoint)closed.LocalEndPoint!,
        };
        Assert.That(await registration.RegisterAsync(default), Is.False);
        await registration.UnregisterAsync(default);
    }

    private async Task<byte[]> AskAsync(uint version, uint procedure, Action<XdrWriter>? arguments)
    {
        using var client = await RpcClient.ConnectAsync(_host.EndPoint, RpcCredentials.None, false, default);
        var answer = await client.CallAsync(100000, version, procedure, arguments, default);
        Assert.That(answer.Succeeded);
        return answer.Results.ToArray();
    }
}
