using System.Buffers.Binary;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>Right messages with some bytes changed, signed again, so that they reach the parsers behind the signature.</summary>
internal static class SmbFuzz
{
    private static readonly uint[] Interesting = [0, 1, 2, 3, 7, 8, 0x3F, 0x40, 0x78, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    /// <summary>Sends one and waits for the answer; false when the connection is over.</summary>
    public static bool SendOne(SmbSession session, SmbBadTargets targets, Random random)
    {
        var (command, body) = Pick(targets, random);
        Mutate(body, random);
        var message = session.Message(command, body);
        if (random.Next(8) == 0) Mutate(message, random);
        session.Protect(message);
        session.Link.Send(message);
        if (command == Smb2Command.Cancel) return true;

        try
        {
            while (session.Receive() is { } replies)
            {
                // A request that waits is left to wait: the session takes it along when it ends.
                if (replies.Any(reply => !reply.IsNotification)) return true;
            }

            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static (Smb2Command Command, byte[] Body) Pick(SmbBadTargets targets, Random random) => random.Next(16) switch
    {
        0 => (Smb2Command.Create, Bodies.Create($"fuzz{random.Next(20)}", contexts: Contexts(random))),
        1 => (Smb2Command.Create, Bodies.Create(@"fuzzed directory\name:stream", disposition: (uint)random.Next(6))),
        2 => (Smb2Command.Read, Bodies.Read(targets.File, (ulong)random.Next(100), 100)),
        3 => (Smb2Command.Write, Bodies.Write(targets.File, (ulong)random.Next(100), new byte[random.Next(200)])),
        4 => (Smb2Command.Lock, Bodies.Lock(targets.File, ((ulong)random.Next(50), 5UL, 0x12u), (60UL, 5UL, 0x11u))),
        5 => (Smb2Command.Ioctl, Bodies.Ioctl(Control(random), targets.File, new byte[random.Next(64)])),
        6 => (Smb2Command.QueryDirectory, Bodies.QueryDirectory(targets.Directory, "*", (byte)random.Next(64), (byte)random.Next(32))),
        7 => (Smb2Command.QueryInfo, Bodies.QueryInfo(targets.File, (byte)random.Next(1, 5), (byte)random.Next(70), additional: 7)),
        8 => (Smb2Command.SetInfo, Bodies.SetInfo(targets.File, 1, (byte)random.Next(70), new byte[random.Next(100)])),
        9 => (Smb2Command.SetInfo, Bodies.SetInfo(targets.File, 3, 0, Descriptor(random), 7)),
        10 => (Smb2Command.SetInfo, Bodies.SetInfo(targets.File, 1, 10, Bodies.RenameContent($"fuzz{random.Next(20)}", true))),
        11 => (Smb2Command.SessionSetup, Bodies.SessionSetup(Token(random))),
        12 => (Smb2Command.TreeConnect, Bodies.TreeConnect(@"\\server\IPC$")),
        13 => (Smb2Command.OplockBreak, Bodies.OplockAcknowledgment(targets.File, (byte)random.Next(256))),
        14 => (Smb2Command.Flush, Bodies.Flush(targets.File)),
        _ => (Smb2Command.Echo, Bodies.Empty()),
    };

    private static void Mutate(Span<byte> bytes, Random random)
    {
        for (var changes = random.Next(4); changes > 0 && bytes.Length >= 4; changes--)
        {
            var at = random.Next(bytes.Length - 3);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes[at..], unchecked((ushort)Interesting[random.Next(Interesting.Length)]));
                    break;
                default:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], Interesting[random.Next(Interesting.Length)]);
                    break;
            }
        }
    }

    private static byte[] Contexts(Random random)
    {
        string[] names = ["MxAc", "QFid", "DHnQ", "DHnC", "DH2Q", "DH2C", "RqLs", "AlSi", "TWrp", "ExtA", "SecD", "AAPL", "????"];
        var contexts = new MessageWriter();
        for (var count = random.Next(4); count > 0; count--)
            contexts.Bytes(Bodies.CreateContext(names[random.Next(names.Length)], Noise(random, random.Next(64)), last: count == 1));
        var bytes = contexts.ToArray();
        Mutate(bytes, random);
        return bytes;
    }

    private static uint Control(Random random)
    {
        uint[] codes = [0x00140078, 0x001440F2, 0x001480F2, 0x000900C4, 0x000980C8, 0x000940CF, 0x000900A4, 0x000900A8, 0x00140204, 0x001401FC, 0x00060194, 0x00144064];
        return codes[random.Next(codes.Length)];
    }

    private static byte[] Descriptor(Random random)
    {
        byte[] descriptor =
        [
            1, 0, 4, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
            2, 0, 28, 0, 1, 0, 0, 0, 0, 0, 20, 0, 0xFF, 1, 0x1F, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
        ];
        Mutate(descriptor, random);
        return descriptor;
    }

    private static byte[] Token(Random random)
    {
        byte[] token = random.Next(2) == 0
            ? new NtlmClient("lab", "x").Negotiate()
            : [0x60, 0x28, 0x06, 0x06, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x02, 0xA0, 0x1E, 0x30, 0x1C, 0xA0, 0x0E, .. Noise(random, 26)];
        Mutate(token, random);
        return token;
    }

    private static byte[] Noise(Random random, int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }
}
