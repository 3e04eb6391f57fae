using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Protocol.Ntlm;

/// <summary>MD4 (RFC 1320), which the framework lacks: NTLM keeps passwords as its hash.</summary>
internal static class Md4
{
    public const int HashBytes = 16;

    private const int BlockBytes = 64;
    private const int LengthOffset = 56;

    private static ReadOnlySpan<int> Rotations => [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];

    // In which order a round takes the words of a block.
    private static ReadOnlySpan<byte> Order =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
        0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15,
    ];

    public static void HashData(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
        var rest = message;
        for (; rest.Length >= BlockBytes; rest = rest[BlockBytes..]) Absorb(state, rest[..BlockBytes]);

        // A one bit, zeros, and the length in bits at the end of a block.
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        rest.CopyTo(block);
        block[rest.Length] = 0x80;
        if (rest.Length >= LengthOffset)
        {
            Absorb(state, block);
            block.Clear();
        }

        BinaryPrimitives.WriteUInt64LittleEndian(block[LengthOffset..], (ulong)message.Length * 8);
        Absorb(state, block);
        for (var i = 0; i < state.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(hash[(4 * i)..], state[i]);

        block.Clear();
    }

    private static void Absorb(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[BlockBytes / sizeof(uint)];
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);

        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        for (var step = 0; step < Order.Length; step++)
        {
            var round = step / 16;
            var mixed = round switch
            {
                0 => (b & c) | (~b & d),
                1 => (b & c) | (b & d) | (c & d),
                _ => b ^ c ^ d,
            };
            var constant = round switch { 0 => 0u, 1 => 0x5A827999u, _ => 0x6ED9EBA1u };
            var rotated = BitOperations.RotateLeft(
                unchecked(a + mixed + words[Order[step]] + constant), Rotations[round * 4 + step % 4]);
            (a, b, c, d) = (d, rotated, b, c);
        }

        unchecked
        {
            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
        }

        MemoryMarshal.AsBytes(words).Clear();
    }
}
