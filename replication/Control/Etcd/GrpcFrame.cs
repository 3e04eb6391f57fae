using System.Buffers.Binary;

namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// A message in the body of a call (gRPC over HTTP/2, "Length-Prefixed-Message"):
/// one byte that says whether it is compressed, its length in four bytes, big-endian, and the message.
/// </summary>
internal static class GrpcFrame
{
    /// <summary>Ten times what etcd lets a client write at once, and room for a list of such.</summary>
    public const int MessageBytesMax = 16 << 20;

    private const int PrefixBytes = 5;

    public static byte[] Of(ReadOnlySpan<byte> message)
    {
        var frame = new byte[PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsSpan(PrefixBytes));
        return frame;
    }

    /// <summary>The next message; null when the body ends where one could begin.</summary>
    /// <exception cref="InvalidDataException">It is cut off, compressed or too long.</exception>
    public static async ValueTask<byte[]?> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var prefix = new byte[PrefixBytes];
        var read = await body.ReadAtLeastAsync(prefix, PrefixBytes, throwOnEndOfStream: false, cancellation);
        if (read == 0) return null;
        if (read < PrefixBytes) throw CutOff();
        if (prefix[0] != 0) throw new InvalidDataException("A message is compressed, which was not asked for.");

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
        if (length > MessageBytesMax) throw new InvalidDataException($"A message has {length} bytes, more than {MessageBytesMax}.");

        var message = new byte[length];
        return await body.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, cancellation) == message.Length
            ? message
            : throw CutOff();
    }

    private static InvalidDataException CutOff() => new("A message is cut off.");
}
