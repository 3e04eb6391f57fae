using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>AES-128-CMAC (RFC 4493), which the framework lacks.</summary>
/// <remarks>
/// On processors with AES instructions the chain is computed in registers; elsewhere CBC encryption of the framework
/// computes it, a chunk at a time. Holds the expanded key and nothing of a message: safe for use by many threads.
/// </remarks>
public sealed class AesCmac : IDisposable
{
    public const int KeyBytes = 16;
    public const int TagBytes = 16;

    private const int BlockBytes = 16;
    private const int RoundKeys = 11;

    /// <summary>Of the framework's CBC: its output is thrown away but for the last block.</summary>
    private const int ChunkBytes = 4096;

    private readonly Vector128<byte>[] _roundKeys;
    private readonly Vector128<byte> _wholeBlockKey;
    private readonly Vector128<byte> _padBlockKey;
    private readonly InstancePool<Aes>? _framework;

    public AesCmac(ReadOnlySpan<byte> key)
        : this(key, X86Aes.IsSupported)
    {
    }

    internal AesCmac(ReadOnlySpan<byte> key, bool useInstructions)
    {
        if (key.Length != KeyBytes) throw new ArgumentException("AES-CMAC takes a key of 16 bytes", nameof(key));

        if (useInstructions)
        {
            _roundKeys = ExpandKey(Vector128.Create(key));
        }
        else
        {
            var copy = key.ToArray();
            _roundKeys = [];
            _framework = new InstancePool<Aes>(() => FrameworkAes(copy));
        }

        // The subkeys K1 and K2 of RFC 4493, 2.3.
        Span<byte> subkey = stackalloc byte[BlockBytes];
        EncryptBlock(Vector128<byte>.Zero).CopyTo(subkey);
        Double(subkey);
        _wholeBlockKey = Vector128.Create<byte>(subkey);
        Double(subkey);
        _padBlockKey = Vector128.Create<byte>(subkey);
    }

    /// <summary>Authenticates <paramref name="head"/> followed by <paramref name="tail"/>.</summary>
    /// <param name="head">Whole blocks of 16 bytes; not the end of the message unless the tail is empty.</param>
    public void Compute(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, Span<byte> tag)
    {
        if (head.Length % BlockBytes != 0) throw new ArgumentException("not whole blocks", nameof(head));

        if (tail.IsEmpty)
        {
            Compute(head, tag);
            return;
        }

        var state = Chain(Vector128<byte>.Zero, head);
        Finish(state, tail).CopyTo(tag);
    }

    public void Compute(ReadOnlySpan<byte> message, Span<byte> tag) => Finish(Vector128<byte>.Zero, message).CopyTo(tag);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_roundKeys.AsSpan()));
        _framework?.Dispose();
    }

    private Vector128<byte> Finish(Vector128<byte> state, ReadOnlySpan<byte> message)
    {
        var lastBytes = message.IsEmpty ? 0 : (message.Length - 1) % BlockBytes + 1;
        state = Chain(state, message[..^lastBytes]);

        var last = message[^lastBytes..];
        if (lastBytes == BlockBytes) return EncryptBlock(state ^ Vector128.Create(last) ^ _wholeBlockKey);

        Span<byte> padded = stackalloc byte[BlockBytes];
        padded.Clear();
        last.CopyTo(padded);
        padded[lastBytes] = 0x80;
        return EncryptBlock(state ^ Vector128.Create<byte>(padded) ^ _padBlockKey);
    }

    private Vector128<byte> Chain(Vector128<byte> state, ReadOnlySpan<byte> blocks)
    {
        if (_framework is null) return ChainByInstructions(state, blocks, ref MemoryMarshal.GetArrayDataReference(_roundKeys));

        return blocks.IsEmpty ? state : ChainByFramework(state, blocks);
    }

    private Vector128<byte> EncryptBlock(Vector128<byte> block)
    {
        Span<byte> zeros = stackalloc byte[BlockBytes];
        zeros.Clear();
        return Chain(block, zeros);
    }

    // Each block waits for the one before it, so the speed is the latency of ten rounds: keys must be in registers.
    private static Vector128<byte> ChainByInstructions(
        Vector128<byte> state, ReadOnlySpan<byte> blocks, ref Vector128<byte> keys)
    {
        var k0 = keys;
        var k1 = Unsafe.Add(ref keys, 1);
        var k2 = Unsafe.Add(ref keys, 2);
        var k3 = Unsafe.Add(ref keys, 3);
        var k4 = Unsafe.Add(ref keys, 4);
        var k5 = Unsafe.Add(ref keys, 5);
        var k6 = Unsafe.Add(ref keys, 6);
        var k7 = Unsafe.Add(ref keys, 7);
        var k8 = Unsafe.Add(ref keys, 8);
        var k9 = Unsafe.Add(ref keys, 9);
        var k10 = Unsafe.Add(ref keys, 10);

        ref var source = ref MemoryMarshal.GetReference(blocks);
        for (nuint offset = 0; offset < (nuint)blocks.Length; offset += BlockBytes)
        {
            // Off the chain: the block and the first key meet before the state is there.
            state ^= Vector128.LoadUnsafe(ref source, offset) ^ k0;
            state = X86Aes.Encrypt(state, k1);
            state = X86Aes.Encrypt(state, k2);
            state = X86Aes.Encrypt(state, k3);
            state = X86Aes.Encrypt(state, k4);
            state = X86Aes.Encrypt(state, k5);
            state = X86Aes.Encrypt(state, k6);
            state = X86Aes.Encrypt(state, k7);
            state = X86Aes.Encrypt(state, k8);
            state = X86Aes.Encrypt(state, k9);
            state = X86Aes.EncryptLast(state, k10);
        }

        return state;
    }

    private Vector128<byte> ChainByFramework(Vector128<byte> state, ReadOnlySpan<byte> blocks)
    {
        Span<byte> chain = stackalloc byte[BlockBytes];
        Span<byte> output = stackalloc byte[ChunkBytes];
        state.CopyTo(chain);
        var aes = _framework!.Take();
        try
        {
            while (!blocks.IsEmpty)
            {
                var chunk = blocks[..Math.Min(blocks.Length, ChunkBytes)];
                aes.EncryptCbc(chunk, chain, output, PaddingMode.None);
                output.Slice(chunk.Length - BlockBytes, BlockBytes).CopyTo(chain);
                blocks = blocks[chunk.Length..];
            }
        }
        finally
        {
            _framework.Return(aes);
        }

        return Vector128.Create<byte>(chain);
    }

    private static Aes FrameworkAes(byte[] key)
    {
        var aes = Aes.Create();
        aes.Key = key;
        return aes;
    }

    // Multiplication by x in GF(2^128), most significant bit first.
    private static void Double(Span<byte> block)
    {
        var carry = block[0] >> 7;
        for (var i = 0; i < BlockBytes - 1; i++) block[i] = unchecked((byte)((block[i] << 1) | (block[i + 1] >> 7)));
        block[^1] = unchecked((byte)((block[^1] << 1) ^ (carry * 0x87)));
    }

    private static Vector128<byte>[] ExpandKey(Vector128<byte> key)
    {
        var keys = new Vector128<byte>[RoundKeys];
        keys[0] = key;
        keys[1] = NextKey(keys[0], X86Aes.KeygenAssist(keys[0], 0x01));
        keys[2] = NextKey(keys[1], X86Aes.KeygenAssist(keys[1], 0x02));
        keys[3] = NextKey(keys[2], X86Aes.KeygenAssist(keys[2], 0x04));
        keys[4] = NextKey(keys[3], X86Aes.KeygenAssist(keys[3], 0x08));
        keys[5] = NextKey(keys[4], X86Aes.KeygenAssist(keys[4], 0x10));
        keys[6] = NextKey(keys[5], X86Aes.KeygenAssist(keys[5], 0x20));
        keys[7] = NextKey(keys[6], X86Aes.KeygenAssist(keys[6], 0x40));
        keys[8] = NextKey(keys[7], X86Aes.KeygenAssist(keys[7], 0x80));
        keys[9] = NextKey(keys[8], X86Aes.KeygenAssist(keys[8], 0x1B));
        keys[10] = NextKey(keys[9], X86Aes.KeygenAssist(keys[9], 0x36));
        return keys;
    }

    // Each word of the next key is the exclusive or of the words up to it and of the assisted last word (FIPS 197, 5.2).
    private static Vector128<byte> NextKey(Vector128<byte> key, Vector128<byte> assist)
    {
        key ^= ShiftWords(key, 1);
        key ^= ShiftWords(key, 2);
        return key ^ Vector128.Shuffle(assist.AsUInt32(), Vector128.Create(3u, 3u, 3u, 3u)).AsByte();
    }

    private static Vector128<byte> ShiftWords(Vector128<byte> value, int words) => words == 1
        ? Vector128.Shuffle(value.AsUInt32(), Vector128.Create(uint.MaxValue, 0u, 1u, 2u)).AsByte()
        : Vector128.Shuffle(value.AsUInt32(), Vector128.Create(uint.MaxValue, uint.MaxValue, 0u, 1u)).AsByte();
}
