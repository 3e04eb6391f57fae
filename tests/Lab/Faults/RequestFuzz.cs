using Gateway.NfsClient;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Wire;

namespace Gateway.Lab.Faults;

/// <summary>Valid calls, changed at random; mostly behind the header, so that they reach something.</summary>
internal sealed class RequestFuzz(Random random, BadRequestTargets targets)
{
    private static readonly string[] Names = ["a", "b", "target", ".", "..", "new", "x/y", ""];

    private static readonly RpcCredentials Caller = RpcCredentials.Sys(0, 0, [1, 2], "fuzz");

    /// <summary>The next record, without its mark.</summary>
    public byte[] Next(uint xid)
    {
        var (program, version, procedure, arguments) = Arguments();
        for (var changes = random.Next(4); changes > 0; changes--)
            Change(arguments);
        arguments = random.Next(8) switch
        {
            0 => arguments[..random.Next(arguments.Length + 1)],
            1 => [.. arguments, .. new byte[random.Next(9)]],
            _ => arguments,
        };
        var header = new byte[RpcCall.HeaderBytesMin + RpcBounds.AuthBytesMax];
        var length = RpcCall.WriteHeader(header, xid, program, version, procedure, Caller);
        byte[] record = [.. header[..length], .. arguments];
        if (random.Next(40) == 0)
            Change(record);
        return record;
    }

    private (uint Program, uint Version, uint Procedure, byte[] Arguments) Arguments()
    {
        switch (random.Next(12))
        {
            case 0:
                var path = ValidRequests.Encode(writer => writer.WriteOpaque("/files/target"u8));
                return (MountProtocol.Program, random.Next(2) == 0 ? 1u : 3u, (uint)random.Next(7), path);

            // Synchronous procedures only: a message has no reply to wait for.
            case 1:
                var words = new byte[4 * random.Next(40)];
                random.NextBytes(words);
                return (Nlm4Protocol.Program, Nlm4Protocol.Version, (uint)random.Next(1, 5), words);

            default:
                var procedure = ValidRequests.Procedures[random.Next(ValidRequests.Procedures.Count)];
                var handle = random.Next(3) == 0 ? targets.File : targets.Root;
                var arguments = ValidRequests.Of(procedure, handle.Span.ToArray(), Names[random.Next(Names.Length)]);
                return (Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)procedure, arguments);
        }
    }

    private void Change(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;

        // The handle is mostly left alone: behind a broken one nothing is reached.
        var from = random.Next(4) == 0 || bytes.Length <= 52 ? 0 : 52;
        var at = random.Next(from, bytes.Length);
        var word = bytes.AsSpan(at & ~3, Math.Min(4, bytes.Length - (at & ~3)));
        switch (random.Next(4))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                word.Fill(0xFF);
                break;
            default:
                word.Clear();
                break;
        }
    }
}
