using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Pipes;

namespace Gateway.Tests.Smb.Pipes;

/// <summary>A pipe and the client's side of what goes through it.</summary>
internal abstract class PipeFixture
{
    protected static readonly DceSyntax Ndr64 = new(new Guid("71710533-beba-4937-8319-b5dbef9ccc36"), 1, 0);

    protected static readonly DceSyntax Features = new(new Guid("6cb71c2c-9812-4540-0300-000000000000"), 1, 0);

    private PipeServer _server = null!;

    protected FakeDirectory Directory { get; private set; } = null!;

    [SetUp]
    public void MakeServer()
    {
        Directory = new FakeDirectory();
        _server = new PipeServer(Directory);
    }

    protected PipeCaller Nas => new("nas", new SecurityToken(new Caller(1000, 100), Directory.Sids));

    protected PipeCaller Root => new("root", new SecurityToken(Caller.Root, Directory.Sids));

    protected PipeCaller Nobody => new("", new SecurityToken(new Caller(65534, 65534), Directory.Sids, isAnonymous: true));

    protected NtStatus TryOpen(string name, PipeCaller caller, out Pipe? pipe) => _server.TryOpen(name, caller, out pipe);

    protected Pipe Open(string name, PipeCaller? caller = null)
    {
        Assert.That(TryOpen(name, caller ?? Nas, out var pipe), Is.EqualTo(NtStatus.Success));
        return pipe!;
    }

    /// <summary>A pipe whose context 0 is this interface.</summary>
    protected async Task<Pipe> BindAsync(string name, DceSyntax syntax, PipeCaller? caller = null)
    {
        var pipe = Open(name, caller);
        var acknowledged = await TransceiveAsync(pipe, Bind(syntax, DceSyntax.Ndr));
        Assert.That((DcePduType)acknowledged[2], Is.EqualTo(DcePduType.BindAck));
        return pipe;
    }

    protected static byte[] Bind(DceSyntax syntax, params DceSyntax[] transfers) => Bind(DcePduType.Bind, 4280, (syntax, transfers));

    protected static byte[] Bind(DcePduType type, int receiveBytesMax, params (DceSyntax Syntax, DceSyntax[] Transfers)[] contexts)
    {
        var writer = new NdrWriter();
        writer.WriteUInt16((ushort)receiveBytesMax);
        writer.WriteUInt16((ushort)receiveBytesMax);
        writer.WriteUInt32(0);
        writer.WriteUInt32((uint)contexts.Length);
        for (var id = 0; id < contexts.Length; id++)
        {
            writer.WriteUInt16((ushort)id);
            writer.WriteUInt16((ushort)contexts[id].Transfers.Length);
            foreach (var syntax in contexts[id].Transfers.Prepend(contexts[id].Syntax))
            {
                writer.WriteGuid(syntax.Uuid);
                writer.WriteUInt16(syntax.Major);
                writer.WriteUInt16(syntax.Minor);
            }
        }

        return Pdu(type, DcePduFlags.Whole, writer.Written.Span);
    }

    protected static byte[] Request(ushort operation, ReadOnlySpan<byte> stub, DcePduFlags flags = DcePduFlags.Whole, ushort context = 0)
    {
        var writer = new NdrWriter();
        writer.WriteUInt32((uint)stub.Length);
        writer.WriteUInt16(context);
        writer.WriteUInt16(operation);
        writer.WriteBytes(stub);
        return Pdu(DcePduType.Request, flags, writer.Written.Span);
    }

    protected static byte[] Pdu(DcePduType type, DcePduFlags flags, ReadOnlySpan<byte> body)
    {
        var pdu = new byte[DcePduHeader.Bytes + body.Length];
        new DcePduHeader { Type = type, Flags = flags, FragmentBytes = pdu.Length, CallId = 7 }.Write(pdu);
        body.CopyTo(pdu.AsSpan(DcePduHeader.Bytes));
        return pdu;
    }

    /// <summary>One message there, one back.</summary>
    protected static async Task<byte[]> TransceiveAsync(Pipe pipe, byte[] message)
    {
        Assert.That(await pipe.WriteAsync(message, default), Is.EqualTo(NtStatus.Success));
        return await ReadAsync(pipe);
    }

    protected static async Task<byte[]> ReadAsync(Pipe pipe)
    {
        var buffer = new byte[8192];
        var reading = await pipe.ReadAsync(buffer, () => Assert.Fail("nothing to read"), default);
        Assert.That(reading.Status, Is.EqualTo(NtStatus.Success));
        return buffer[..reading.Bytes];
    }

    /// <summary>The stub of the answer, all fragments of it.</summary>
    protected static async Task<byte[]> CallAsync(Pipe pipe, ushort operation, NdrWriter stub)
    {
        var pdu = await TransceiveAsync(pipe, Request(operation, stub.Written.Span));
        List<byte> answer = [];
        while (true)
        {
            Assert.That(DcePduHeader.TryParse(pdu, out var header), Is.True);
            Assert.That(header.Type, Is.EqualTo(DcePduType.Response));
            Assert.That(header.FragmentBytes, Is.EqualTo(pdu.Length));
            Assert.That(header.CallId, Is.EqualTo(7));
            answer.AddRange(pdu[DcePdus.ResponseHeaderBytes..]);
            if ((header.Flags & DcePduFlags.LastFragment) != 0) return [.. answer];
            pdu = await ReadAsync(pipe);
        }
    }

    /// <summary>The status of the fault that answers.</summary>
    protected static async Task<DceFaultStatus> FaultAsync(Pipe pipe, byte[] message) => FaultOf(await TransceiveAsync(pipe, message));

    protected static DceFaultStatus FaultOf(byte[] pdu)
    {
        Assert.That((DcePduType)pdu[2], Is.EqualTo(DcePduType.Fault));
        return (DceFaultStatus)BitConverter.ToUInt32(pdu, 24);
    }
}
