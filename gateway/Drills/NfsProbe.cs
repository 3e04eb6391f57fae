using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Drills;

/// <summary>One NFS connection of a drill: mounts an export, and calls one procedure after another.</summary>
/// <remarks>For one caller at a time. Every call ends within its time or breaks the connection.</remarks>
internal sealed class NfsProbe : IDisposable
{
    private const int ReplyBytesMax = 64 << 10;

    private readonly TcpClient _client;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private uint _xid;

    private NfsProbe(TcpClient client, uint firstXid, TimeSpan patience, TimeProvider time) =>
        (_client, _xid, _patience, _time) = (client, firstXid, patience, time);

    /// <summary>Writes the arguments of a call.</summary>
    public delegate void Arguments(XdrWriter writer);

    /// <exception cref="IOException">Nobody answers there in time.</exception>
    public static async Task<NfsProbe> ConnectAsync(
        IPEndPoint server, uint firstXid, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        var client = new TcpClient(server.AddressFamily) { NoDelay = true };
        using var bound = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            await client.ConnectAsync(server, either.Token);
            return new NfsProbe(client, firstXid, patience, time);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            client.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw new IOException($"{server} does not answer: {error.Message}", error);
        }
    }

    /// <summary>The handle of an export's root.</summary>
    /// <exception cref="IOException">There is no answer, or it is no.</exception>
    public async Task<Nfs3Handle> MountAsync(string export, CancellationToken cancellation)
    {
        var result = await CallAsync(
            MountProtocol.Program, MountProtocol.Version3, (uint)MountProcedure.Mnt,
            writer => new DirPathArgs { Path = Encoding.UTF8.GetBytes(export) }.Write(writer), cancellation);
        return MntRes.TryParse(result.Span, out var mounted) && mounted.Status == MountStatus.Ok
            ? new Nfs3Handle(mounted.Handle)
            : throw new IOException($"{export} cannot be mounted");
    }

    /// <summary>Calls an NFS procedure; the result, still encoded.</summary>
    /// <exception cref="IOException">There is no answer in time, or none that is one.</exception>
    public Task<ReadOnlyMemory<byte>> CallAsync(Nfs3Procedure procedure, Arguments write, CancellationToken cancellation) =>
        CallAsync(Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)procedure, write, cancellation);

    public void Dispose() => _client.Dispose();

    private async Task<ReadOnlyMemory<byte>> CallAsync(
        uint program, uint version, uint procedure, Arguments write, CancellationToken cancellation)
    {
        var xid = unchecked(_xid++);
        using var bound = new CancellationTokenSource(_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            var stream = _client.GetStream();
            await stream.WriteAsync(Encode(xid, program, version, procedure, write), either.Token);
            var record = await ReadAsync(stream, either.Token);
            return RpcReplyHeader.TryParse(record.Span, out var header) && header.Succeeded && header.Xid == xid
                ? record[header.HeaderBytes..]
                : throw new IOException("what answers is no NFS server");
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException("there was no answer in time", error);
        }
    }

    private static byte[] Encode(uint xid, uint program, uint version, uint procedure, Arguments write)
    {
        using var writer = new XdrWriter(1024);
        var start = writer.ReserveUInt32();
        var header = writer.GetSpan(RpcCall.HeaderBytesMin + RpcBounds.AuthBytesMax);
        writer.Advance(RpcCall.WriteHeader(
            header, xid, program, version, procedure, RpcCredentials.Sys(0, 0, [], "nasgate drill")));
        write(writer);
        writer.PatchUInt32(start, (uint)(writer.Length - start - RecordMark.Bytes) | 0x8000_0000);
        return writer.WrittenSpan.ToArray();
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var record = new MemoryStream();
        var mark = new byte[RecordMark.Bytes];
        while (true)
        {
            await stream.ReadExactlyAsync(mark, cancellation);
            var fragment = BinaryPrimitives.ReadUInt32BigEndian(mark);
            var bytes = (int)(fragment & 0x7FFF_FFFF);
            if (record.Length + bytes > ReplyBytesMax) throw new IOException("an answer is too long");
            var content = new byte[bytes];
            await stream.ReadExactlyAsync(content, cancellation);
            record.Write(content);
            if ((fragment & 0x8000_0000) != 0) return record.GetBuffer().AsMemory(0, (int)record.Length);
        }
    }
}
