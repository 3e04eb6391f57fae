using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Rpc;

/// <summary>Record marking: the same call in every way it can be cut, and streams that are no streams of calls.</summary>
[TestFixture]
internal sealed class RpcFramingTests
{
    private const uint Probe = ProbeProgram.ProgramNumber;

    private static readonly byte[] Echo = RpcSocket.Call(7, Probe, 3, ProbeProgram.Echo, [1, 2, 3, 4, 5, 6, 7, 8]);

    private RpcHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await RpcHost.StartAsync(new ProbeProgram());

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_record_in_two_fragments_cut_anywhere()
    {
        using var client = await _host.ConnectAsync();
        for (var cut = 0; cut <= Echo.Length; cut++)
        {
            await client.SendAsync([.. RpcSocket.Fragment(Echo[..cut], last: false), .. RpcSocket.Fragment(Echo[cut..], last: true)]);
            await ExpectEchoAsync(client);
        }
    }

    [Test]
    public async Task A_record_in_fragments_of_one_size([Values(1, 2, 3, 5, 8, 13, 31)] int size)
    {
        using var client = await _host.ConnectAsync();
        for (var round = 0; round < 3; round++)
        {
            var framed = Echo.Chunk(size).SelectMany(chunk => RpcSocket.Fragment(chunk, last: false)).ToArray();
            await client.SendAsync([.. framed, .. RpcSocket.Fragment([], last: true)]);
            await ExpectEchoAsync(client);
        }
    }

    [Test]
    public async Task A_record_that_arrives_byte_by_byte()
    {
        using var client = await _host.ConnectAsync();
        foreach (var one in RpcSocket.Marked(Echo)) await client.SendAsync([one]);
        await ExpectEchoAsync(client);
    }

    [Test]
    public async Task Many_records_in_segments_of_any_size([Values(7, 100, 1460, 5000)] int size)
    {
        using var client = await _host.ConnectAsync();
        var stream = Enumerable.Repeat(RpcSocket.Marked(Echo), 100).SelectMany(bytes => bytes).ToArray();
        foreach (var segment in stream.Chunk(size)) await client.SendAsync(segment);
        for (var i = 0; i < 100; i++) await ExpectEchoAsync(client);
    }

    [Test]
    public async Task A_large_record_in_small_fragments()
    {
        var payload = Enumerable.Range(0, 300_000).Select(i => unchecked((byte)(i * 3))).ToArray();
        var record = RpcSocket.Call(9, Probe, 3, ProbeProgram.Echo, payload);
        using var client = await _host.ConnectAsync();
        var framed = record.Chunk(1000).SelectMany(chunk => RpcSocket.Fragment(chunk, last: false)).ToArray();
        await client.SendAsync([.. framed, .. RpcSocket.Fragment([], last: true)]);

        var (_, results) = await client.ReplyAsync();
        Assert.That(results.AsSpan().SequenceEqual(payload));
    }

    internal static readonly object[][] Broken =
    [
        ["an empty record", RpcSocket.Fragment([], last: true)],
        ["a mark of all ones", new byte[] { 0xff, 0xff, 0xff, 0xff }],
        ["a mark beyond the longest record", new byte[] { 0x80, 0x20, 0, 0 }],
        ["a last fragment that makes it too long", (byte[])[.. RpcSocket.Fragment(new byte[1000], last: false), 0x80, 0x11, 0, 0]],
        ["fragments without end", Enumerable.Range(0, RpcLimits.FragmentsMax + 1).SelectMany(_ => RpcSocket.Fragment([], last: false)).ToArray()],
        ["one-byte fragments without end", Enumerable.Range(0, RpcLimits.FragmentsMax + 1).SelectMany(_ => RpcSocket.Fragment([1], last: false)).ToArray()],
        ["a reply", RpcSocket.Marked([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
        ["an unknown message type", RpcSocket.Marked([.. Echo[..4], 0, 0, 0, 2, .. Echo[8..]])],
        ["half a word", RpcSocket.Marked([1, 2])],
        ["an xid alone", RpcSocket.Marked(Echo[..4])],
        ["a header that ends in the credentials", RpcSocket.Marked(Echo[..28])],
        ["a header that ends in the verifier", RpcSocket.Marked(Echo[..36])],
        ["credentials longer than the record", RpcSocket.Marked([.. Echo[..28], 0, 0, 1, 0x90, 0, 0, 0, 0])],
        ["text of another protocol", "GET / HTTP/1.1\r\nHost: nas\r\n\r\n"u8.ToArray()],
        ["the greeting of an SMB client", (byte[])[0, 0, 0, 0x45, 0xff, .. "SMBr"u8, .. new byte[0x41]]],
    ];

    [TestCaseSource(nameof(Broken))]
    public async Task A_stream_that_is_no_stream_of_calls_is_closed(string what, byte[] bytes)
    {
        using var bystander = await _host.ConnectAsync();
        using var client = await _host.ConnectAsync();
        await client.SendAsync(bytes);
        if (what.Contains("SMB")) client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.That(await client.ReceiveAsync(), Is.Null, what);

        await bystander.SendAsync(RpcSocket.Marked(Echo));
        await ExpectEchoAsync(bystander);
    }

    internal static readonly object[][] Refused =
    [
        ["RPC version 1", Patched(11, 1), (Func<RpcReplyHeader, bool>)(h => h is { Status: RpcReplyStatus.Denied, RejectStatus: RpcRejectStatus.VersionMismatch, VersionMin: 2, VersionMax: 2 })],
        ["RPC version 3", Patched(11, 3), (Func<RpcReplyHeader, bool>)(h => h is { Status: RpcReplyStatus.Denied, RejectStatus: RpcRejectStatus.VersionMismatch })],
        ["an unknown program", Patched(15, 0xff), (Func<RpcReplyHeader, bool>)(h => h.AcceptStatus == RpcAcceptStatus.ProgramUnavailable)],
        ["a version below", Patched(19, 1), (Func<RpcReplyHeader, bool>)(h => h is { AcceptStatus: RpcAcceptStatus.ProgramMismatch, VersionMin: 2, VersionMax: 3 })],
        ["a version above", Patched(19, 4), (Func<RpcReplyHeader, bool>)(h => h is { AcceptStatus: RpcAcceptStatus.ProgramMismatch, VersionMin: 2, VersionMax: 3 })],
        ["an unknown procedure", Patched(23, 99), (Func<RpcReplyHeader, bool>)(h => h.AcceptStatus == RpcAcceptStatus.ProcedureUnavailable)],
        ["AUTH_SHORT", Patched(27, 2), (Func<RpcReplyHeader, bool>)(h => h is { Status: RpcReplyStatus.Denied, AuthStatus: RpcAuthStatus.RejectedCredential })],
        ["AUTH_DH", Patched(27, 3), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.RejectedCredential)],
        ["RPCSEC_GSS", Patched(27, 6), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.RejectedCredential)],
        ["an unknown flavor", Patched(24, 0x77), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.RejectedCredential)],
        ["empty AUTH_SYS", Patched(27, 1), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.BadCredential)],
        ["overlong credentials", Patched(30, 2), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.BadCredential)],
        ["an overlong verifier", Patched(38, 2), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.BadVerifier)],
        ["17 groups", Sys([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 17, .. new byte[68]]), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.BadCredential)],
        ["a machine name of 256 bytes", Sys([0, 0, 0, 0, 0, 0, 1, 0, .. new byte[256], .. new byte[12]]), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.BadCredential)],
        ["groups that are not there", Sys([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1]), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.BadCredential)],
        ["bytes behind the groups", Sys([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]), (Func<RpcReplyHeader, bool>)(h => h.AuthStatus == RpcAuthStatus.BadCredential)],
        ["arguments that are short", RpcSocket.Call(7, Probe, 3, ProbeProgram.Fill, [1, 2]), (Func<RpcReplyHeader, bool>)(h => h.AcceptStatus == RpcAcceptStatus.GarbageArguments)],
        ["arguments that are long", RpcSocket.Call(7, Probe, 3, ProbeProgram.Fill, new byte[8]), (Func<RpcReplyHeader, bool>)(h => h.AcceptStatus == RpcAcceptStatus.GarbageArguments)],
    ];

    [TestCaseSource(nameof(Refused))]
    public async Task A_call_that_cannot_be_run_gets_its_error(string what, byte[] record, Func<RpcReplyHeader, bool> expected)
    {
        using var client = await _host.ConnectAsync();
        await client.SendAsync([.. RpcSocket.Marked(record), .. RpcSocket.Marked(Echo)]);

        var (header, _) = await client.ReplyAsync();
        Assert.That(header.Xid, Is.EqualTo(7));
        Assert.That(expected(header), $"{what}: {header}");
        await ExpectEchoAsync(client);
    }

    [Test]
    public async Task Random_damage_breaks_nothing()
    {
        var random = new Random(20261121);
        var template = RpcSocket.Marked(RpcSocket.Call(
            7, Probe, 3, ProbeProgram.Echo, new byte[40], RpcCredentials.Sys(1, 2, [3, 4], "host")));
        for (var round = 0; round < 300; round++)
        {
            var damaged = template.ToArray();
            for (var i = random.Next(1, 5); i > 0; i--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            using var client = await _host.ConnectAsync();
            await client.SendAsync(damaged);
            client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            while (await client.ReceiveAsync() is { } reply)
                Assert.That(RpcReplyHeader.TryParse(reply, out _), $"round {round}");
        }

        using var after = await _host.ConnectAsync();
        await after.SendAsync(RpcSocket.Marked(Echo));
        await ExpectEchoAsync(after);
        await Eventually.HoldsAsync(() => _host.Memory.HeldBytes == 0);
    }

    private static byte[] Patched(int index, byte value)
    {
        var record = Echo.ToArray();
        record[index] = value;
        return record;
    }

    private static byte[] Sys(byte[] body) =>
        [.. Echo[..24], 0, 0, 0, 1, .. RpcSocket.UInt32((uint)body.Length), .. body, .. new byte[8]];

    private static async Task ExpectEchoAsync(RpcSocket client)
    {
        var (header, results) = await client.ReplyAsync();
        Assert.That(header.Succeeded);
        Assert.That(results, Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
    }
}
