using System.Buffers.Binary;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Connections;

/// <summary>How much memory the responses of a message may take: what is reserved before it is started.</summary>
internal static class ResponseEstimate
{
    public static int Of(SmbRequest request)
    {
        if (request.Violation is not null || MessageInspection.IsSmb1(request)) return SmbLimits.MessageOverheadBytes;

        long bytes = SmbLimits.MessageOverheadBytes;
        ReadOnlySpan<byte> rest = request.Received;
        while (Smb2Header.TryParse(rest, out var header))
        {
            bytes += Asked(header.Command, rest[Smb2Header.Bytes..]);
            if (header.NextCommand == 0) break;

            rest = rest[(int)header.NextCommand..];
        }

        return (int)Math.Min(bytes, SmbLimits.MessageBytesMax);
    }

    // Where the commands say how much they want.
    private static uint Asked(Smb2Command command, ReadOnlySpan<byte> body)
    {
        var offset = command switch
        {
            Smb2Command.Read or Smb2Command.QueryInfo => 4,
            Smb2Command.QueryDirectory => 28,
            Smb2Command.Ioctl => 44,
            _ => int.MaxValue - sizeof(uint),
        };
        return body.Length < offset + sizeof(uint)
            ? 0
            : Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(body[offset..]), SmbLimits.TransferBytesMax);
    }
}
