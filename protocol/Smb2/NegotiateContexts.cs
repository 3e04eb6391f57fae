using System.Buffers;
using System.Buffers.Binary;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Protocol.Smb2;

/// <summary>
/// The negotiate contexts of 3.1.1 that a server looks at, MS-SMB2 2.2.3.1; the others are passed over. Of a request: what
/// the client offers, best first. Of a response: one of each that was chosen.
/// </summary>
/// <remarks>
/// <code>
/// a context:         0 ContextType   2 DataLength   4 Reserved   8 Data, aligned to 8 bytes
/// PREAUTH_INTEGRITY: 0 HashAlgorithmCount   2 SaltLength   4 HashAlgorithms (2 each), Salt
/// ENCRYPTION:        0 CipherCount              2 Ciphers (2 each)
/// SIGNING:           0 SigningAlgorithmCount    2 SigningAlgorithms (2 each)
/// </code>
/// </remarks>
public sealed record NegotiateContexts
{
    public const int Alignment = 8;

    /// <summary>SHA-512, the only hash there is.</summary>
    public const ushort Sha512 = 1;

    private const int HeadBytes = 8;
    private const int ContextsMax = 64;

    /// <summary>Null without the context, which a client must send.</summary>
    public IReadOnlyList<ushort>? HashAlgorithms { get; init; }

    public ReadOnlyMemory<byte> Salt { get; init; }

    /// <summary>Null without the context.</summary>
    public IReadOnlyList<Smb2CipherId>? Ciphers { get; init; }

    /// <summary>Null without the context.</summary>
    public IReadOnlyList<Smb2SigningAlgorithm>? SigningAlgorithms { get; init; }

    /// <summary>Number of contexts that <see cref="Write"/> writes.</summary>
    public int Count =>
        (HashAlgorithms is null ? 0 : 1) + (Ciphers is null ? 0 : 1) + (SigningAlgorithms is null ? 0 : 1);

    /// <summary>Parses the list; false when a length cannot be, a kind comes twice, or a list that must not be is empty.</summary>
    public static bool TryParse(ReadOnlySpan<byte> list, int count, out NegotiateContexts contexts)
    {
        contexts = new NegotiateContexts();
        if (count > ContextsMax) return false;

        for (var i = 0; i < count; i++)
        {
            if (list.Length < HeadBytes) return false;

            var type = (NegotiateContextType)BinaryPrimitives.ReadUInt16LittleEndian(list);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(list[2..]);
            if (HeadBytes + length > list.Length) return false;
            if (!TryTake(type, list.Slice(HeadBytes, length), ref contexts)) return false;

            // The last one need not be padded.
            var next = (HeadBytes + length + Alignment - 1) / Alignment * Alignment;
            list = list[Math.Min(next, list.Length)..];
        }

        return true;
    }

    /// <summary>Writes the contexts, padding between them; the caller has aligned the first.</summary>
    public void Write(IBufferWriter<byte> target)
    {
        var left = Count;
        if (HashAlgorithms is { } hashes)
        {
            var length = sizeof(ushort) * (2 + hashes.Count) + Salt.Length;
            var data = Begin(target, NegotiateContextType.PreauthIntegrity, length, --left == 0);
            BinaryPrimitives.WriteUInt16LittleEndian(data, (ushort)hashes.Count);
            BinaryPrimitives.WriteUInt16LittleEndian(data[2..], (ushort)Salt.Length);
            for (var i = 0; i < hashes.Count; i++) BinaryPrimitives.WriteUInt16LittleEndian(data[(4 + 2 * i)..], hashes[i]);
            Salt.Span.CopyTo(data[(4 + 2 * hashes.Count)..]);
        }

        if (Ciphers is { } ciphers)
            WriteList(target, NegotiateContextType.Encryption, [.. ciphers.Select(cipher => (ushort)cipher)], --left == 0);
        if (SigningAlgorithms is { } algorithms)
            WriteList(target, NegotiateContextType.Signing, [.. algorithms.Select(algorithm => (ushort)algorithm)], --left == 0);
    }

    private static bool TryTake(NegotiateContextType type, ReadOnlySpan<byte> data, ref NegotiateContexts contexts)
    {
        switch (type)
        {
            case NegotiateContextType.PreauthIntegrity:
                if (contexts.HashAlgorithms is not null || data.Length < 4) return false;
                var saltLength = BinaryPrimitives.ReadUInt16LittleEndian(data[2..]);
                if (!TryReadList(data, 4, out var hashes) || 4 + 2 * hashes.Length + saltLength > data.Length) return false;
                contexts = contexts with
                {
                    HashAlgorithms = hashes,
                    Salt = data.Slice(4 + 2 * hashes.Length, saltLength).ToArray(),
                };
                return true;
            case NegotiateContextType.Encryption:
                if (contexts.Ciphers is not null || !TryReadList(data, 2, out var ciphers)) return false;
                contexts = contexts with { Ciphers = [.. ciphers.Select(id => (Smb2CipherId)id)] };
                return true;
            case NegotiateContextType.Signing:
                if (contexts.SigningAlgorithms is not null || !TryReadList(data, 2, out var algorithms)) return false;
                contexts = contexts with { SigningAlgorithms = [.. algorithms.Select(id => (Smb2SigningAlgorithm)id)] };
                return true;
            default:
                return true;
        }
    }

    // A count, and after the head that many numbers; at least one.
    private static bool TryReadList(ReadOnlySpan<byte> data, int headBytes, out ushort[] list)
    {
        list = [];
        if (data.Length < headBytes) return false;

        int count = BinaryPrimitives.ReadUInt16LittleEndian(data);
        if (count == 0 || headBytes + count * sizeof(ushort) > data.Length) return false;

        list = new ushort[count];
        for (var i = 0; i < count; i++)
            list[i] = BinaryPrimitives.ReadUInt16LittleEndian(data[(headBytes + i * sizeof(ushort))..]);
        return true;
    }

    private static void WriteList(IBufferWriter<byte> target, NegotiateContextType type, ushort[] list, bool isLast)
    {
        var data = Begin(target, type, sizeof(ushort) * (1 + list.Length), isLast);
        BinaryPrimitives.WriteUInt16LittleEndian(data, (ushort)list.Length);
        for (var i = 0; i < list.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(data[(2 + 2 * i)..], list[i]);
    }

    private static Span<byte> Begin(IBufferWriter<byte> target, NegotiateContextType type, int length, bool isLast)
    {
        var bytes = HeadBytes + length;
        if (!isLast) bytes = (bytes + Alignment - 1) / Alignment * Alignment;
        var context = target.GetSpan(bytes)[..bytes];
        context.Clear();
        target.Advance(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(context, (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(context[2..], (ushort)length);
        return context[HeadBytes..];
    }
}
