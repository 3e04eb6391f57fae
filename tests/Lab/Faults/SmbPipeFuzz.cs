using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>Calls of the named pipes (C706, MS-RPCE) with some bytes changed, cut, or sent in the wrong order.</summary>
internal static class SmbPipeFuzz
{
    private const uint PipeTransceive = 0x0011C017;

    private static readonly Guid Ndr = new("8a885d04-1ceb-11c9-9fe8-08002b104860");

    private static readonly (string Name, Guid Syntax, int Version)[] Pipes =
    [
        ("srvsvc", new("4b324fc8-1670-01d3-1278-5a47bf6ee188"), 3), ("wkssvc", new("6bffd098-a112-3610-9833-46c3f87e345a"), 1),
        ("lsarpc", new("12345778-1234-abcd-ef00-0123456789ab"), 0),
    ];

    // Numbers of calls the three know, and one that none does.
    private static readonly int[] Calls = [0, 6, 10, 12, 14, 15, 16, 21, 28, 44, 45, 57, 58, 76, 200];

    /// <summary>Opens a pipe, does some of it right and some of it wrong, and closes it; the connection goes on.</summary>
    public static void DoOne(SmbSession session, Random random)
    {
        var (name, syntax, version) = Pipes[random.Next(Pipes.Length)];
        var pipe = session.CreateFile(name, access: 0x12019F, disposition: 1);
        var bind = Bind(syntax, version);
        if (random.Next(3) == 0) Damage(bind, random);
        session.Ask(Smb2Command.Write, Bodies.Write(pipe, 0, bind));

        // What has no answer waits for one until the pipe is closed.
        var waiting = new List<ulong> { session.Send(Smb2Command.Read, Bodies.Read(pipe, 0, 1024)) };
        for (var calls = random.Next(1, 4); calls > 0; calls--)
        {
            var call = Call(Calls[random.Next(Calls.Length)], Stub(random));
            if (random.Next(4) != 0) Damage(call, random);
            var sent = call.AsSpan(0, random.Next(3) == 0 ? random.Next(call.Length) : call.Length);
            waiting.Add(random.Next(2) == 0
                ? session.Send(Smb2Command.Ioctl, Bodies.Ioctl(PipeTransceive, pipe, sent, (uint)random.Next(5000)))
                : session.Send(Smb2Command.Write, Bodies.Write(pipe, 0, sent)));
        }

        session.CloseFile(pipe);
        foreach (var request in waiting) session.Await(request);
    }

    private static byte[] Bind(Guid syntax, int version) => Pdu(
        11,
        new MessageWriter().U16(4280).U16(4280).U32(0).U8(1).Zeros(3).U16(0).U8(1).Zeros(1)
            .Bytes(syntax.ToByteArray()).U32((uint)version).Bytes(Ndr.ToByteArray()).U32(2).ToArray());

    private static byte[] Call(int operation, byte[] stub) =>
        Pdu(0, new MessageWriter().U32((uint)stub.Length).U16(0).U16(operation).Bytes(stub).ToArray());

    private static byte[] Pdu(byte kind, byte[] body) => new MessageWriter()
        .U8(5).U8(0).U8(kind).U8(3).U32(0x10).U16(16 + body.Length).U16(0).U32(1).Bytes(body).ToArray();

    // The arguments of NetShareEnumAll, or noise.
    private static byte[] Stub(Random random)
    {
        if (random.Next(2) == 0)
            return new MessageWriter().U32(0).U32(1).U32(1).U32(0x20000).U32(0).U32(0).U32(uint.MaxValue).U32(0).ToArray();

        var stub = new byte[random.Next(200)];
        random.NextBytes(stub);
        return stub;
    }

    private static void Damage(byte[] bytes, Random random)
    {
        for (var hits = random.Next(1, 5); hits > 0; hits--)
        {
            var value = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, _ => random.Next(256) };
            bytes[random.Next(bytes.Length)] = (byte)value;
        }
    }
}
