using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.FileSystem;

/// <summary>
/// SipHash-2-4 with 128-bit output: a keyed pseudo-random function for short inputs (Aumasson and Bernstein).
/// HMAC-SHA256 would cost a microsecond per handle, this costs some twenty nanoseconds.
/// </summary>
internal sealed class SipHash
{
    public const int KeyBytes = 16;

    public const int HashBytes = 16;

    private readonly ulong _key0;
    private readonly ulong _key1;

    public SipHash(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        _key0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        _key1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
    }

    public void Hash(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        var state = new State(_key0, _key1);
        var length = input.Length;
        for (; input.Length >= 8; input = input[8..]) state.Absorb(BinaryPrimitives.ReadUInt64LittleEndian(input));

        var last = unchecked((ulong)length << 56);
        for (var i = 0; i < input.Length; i++) last |= (ulong)input[i] << (8 * i);
        state.Absorb(last);

        BinaryPrimitives.WriteUInt64LittleEndian(destination, state.Finish(second: false));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], state.Finish(second: true));
    }

    /// <summary>The same, as a number.</summary>
    public UInt128 Hash(ReadOnlySpan<byte> input)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        Hash(input, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private struct State(ulong key0, ulong key1)
    {
        private ulong _v0 = key0 ^ 0x736f6d6570736575;
        private ulong _v1 = key1 ^ 0x646f72616e646f6d ^ 0xee;
        private ulong _v2 = key0 ^ 0x6c7967656e657261;
        private ulong _v3 = key1 ^ 0x7465646279746573;

        public void Absorb(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        public ulong Finish(bool second)
        {
            if (second) _v1 ^= 0xdd;
            else _v2 ^= 0xee;
            for (var i = 0; i < 4; i++) Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void Round()
        {
            unchecked
            {
                _v0 += _v1;
                _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
                _v0 = BitOperations.RotateLeft(_v0, 32);
                _v2 += _v3;
                _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
                _v0 += _v3;
                _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
                _v2 += _v1;
                _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
                _v2 = BitOperations.RotateLeft(_v2, 32);
            }
        }
    }
}
