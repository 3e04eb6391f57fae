using Gateway.NfsClient;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Nfs;

/// <summary>Valid requests, changed at random: answered or cut off, and nothing breaks.</summary>
public sealed class FuzzTests : NfsFixture
{
    private const int Requests = 4000;
    private const long GrowthBytesMax = 64 << 20;

    private static readonly Nfs3Status[] Known = Enum.GetValues<Nfs3Status>();

    [TestCase(1)]
    [TestCase(20)]
    [TestCase(300)]
    public async Task Changed_requests(int seed)
    {
        var random = new Random(seed);
        var handles = await PrepareAsync();
        var bystander = await ConnectAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var client = await ConnectAsync();
        for (var number = 0; number < Requests; number++)
        {
            var (program, procedure, arguments) = Make(random, handles);
            var version = program == MountProtocol.Program ? 1u : 3u;
            var record = RpcSocket.Call(
                (uint)number, program, version, procedure, arguments, NfsConnection.RootUser);
            if (random.Next(50) == 0) Mutate(random, record);
            await client.Socket.SendAsync(RpcSocket.Marked(record));
            if (await client.Socket.ReceiveAsync() is not { } reply)
            {
                client.Dispose();
                client = await ConnectAsync();
                continue;
            }

            Assert.That(RpcReplyHeader.TryParse(reply, out var header), $"seed {seed}, request {number}");
            Assert.That(
                header.AcceptStatus, Is.Not.EqualTo(RpcAcceptStatus.SystemError), $"seed {seed}, request {number}");
            if (header.Succeeded && program == Nfs3Protocol.Program && reply.Length > header.HeaderBytes)
                Check(reply.AsSpan(header.HeaderBytes), $"seed {seed}, request {number}");
            if (number % 500 == 0)
                Assert.That((await bystander.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.Ok));
        }

        Assert.That((await bystander.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(GrowthBytesMax));
    }

    private static void Check(ReadOnlySpan<byte> results, string what)
    {
        var status = (Nfs3Status)new XdrReader(results).ReadUInt32();
        Assert.That(Known, Does.Contain(status), what);
        Assert.That(status, Is.Not.EqualTo(Nfs3Status.ServerFault), what);
    }

    private static (uint Program, uint Procedure, byte[] Arguments) Make(Random random, byte[][] handles)
    {
        if (random.Next(20) == 0)
        {
            var path = NfsConnection.Encode(writer => writer.WriteOpaque("/files/d"u8));
            Mutate(random, path);
            return (MountProtocol.Program, (uint)random.Next(7), path);
        }

        var procedure = ValidRequests.Procedures[random.Next(ValidRequests.Procedures.Count)];
        var names = new[] { "a", "b", "d", ".", "..", "new" + random.Next(5) };
        var arguments = ValidRequests.Of(
            procedure, handles[random.Next(handles.Length)], names[random.Next(names.Length)]);
        for (var changes = random.Next(3); changes > 0; changes--) Mutate(random, arguments);
        return (Nfs3Protocol.Program, (uint)procedure, random.Next(8) switch
        {
            0 => arguments[..random.Next(arguments.Length + 1)],
            1 => [.. arguments, .. new byte[random.Next(9)]],
            _ => arguments,
        });
    }

    // The handle is mostly left alone: behind a broken one nothing is reached.
    private static void Mutate(Random random, byte[] bytes)
    {
        if (bytes.Length == 0) return;
        var from = random.Next(4) == 0 || bytes.Length <= 52 ? 0 : 52;
        var at = random.Next(from, bytes.Length);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.AsSpan(at & ~3, Math.Min(4, bytes.Length - (at & ~3))).Fill(0xFF);
                break;
            default:
                bytes.AsSpan(at & ~3, Math.Min(8, bytes.Length - (at & ~3))).Clear();
                break;
        }
    }

    private async Task<byte[][]> PrepareAsync()
    {
        var directory = await Client.DirectoryAsync(Root, "d");
        var file = await Client.FileAsync(Root, "a");
        await Client.FileAsync(directory, "b");
        var link = await Client.SymLinkAsync(Root, "b", "target"u8.ToArray());
        Nfs3Handle[] handles = [Root, Root, directory, file, link.Handle!.Value];
        return [.. handles.Select(handle => handle.Span.ToArray())];
    }
}
