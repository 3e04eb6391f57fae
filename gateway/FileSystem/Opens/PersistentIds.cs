using System.Buffers.Binary;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// Ids of the persistent opens of a volume: none is ever given twice, by whatever process, as they are a permutation of a
/// counter of which each process takes blocks; and none can be guessed, as the permutation is keyed by the volume.
/// </summary>
/// <remarks>Threading: any.</remarks>
internal sealed class PersistentIds(SipHash hash, Func<Mutation, ValueTask<StoreOutcome>> execute)
{
    /// <summary>A block is this power of two of ids, so that most opens do not take one.</summary>
    private const int BlockBits = 20;

    /// <summary>Four rounds make a permutation of a keyed function (Luby and Rackoff).</summary>
    private const int Rounds = 4;

    private readonly Lock _sync = new();
    private ulong _next;
    private int _left;

    /// <summary>Neither 0 nor all ones, which mean no file to clients; null when the volume is not available.</summary>
    public async ValueTask<ulong?> TakeAsync()
    {
        for (; ; )
        {
            if (TryNext() is { } number)
            {
                var id = Permute(number);
                if (id is not (0 or ulong.MaxValue)) return id;
                continue;
            }

            var taken = new BlockMutation();
            if (await execute(taken) != StoreOutcome.Ok) return null;
            lock (_sync)
            {
                // Of two who found none left, the block of one is lost.
                (_next, _left) = (taken.Block << BlockBits, 1 << BlockBits);
            }
        }
    }

    /// <summary>One to one: the halves change places, one of them mixed with a function of the other.</summary>
    internal ulong Permute(ulong number)
    {
        var (left, right) = ((uint)(number >> 32), (uint)number);
        for (var round = 0; round < Rounds; round++) (left, right) = (right, left ^ Mix(right, (byte)round));
        return (ulong)left << 32 | right;
    }

    private ulong? TryNext()
    {
        lock (_sync)
        {
            if (_left == 0) return null;
            _left--;
            return _next++;
        }
    }

    private uint Mix(uint half, byte round)
    {
        ReadOnlySpan<byte> purpose = "persistent open"u8;
        Span<byte> input = stackalloc byte[20];
        purpose.CopyTo(input);
        input[15] = round;
        BinaryPrimitives.WriteUInt32LittleEndian(input[16..], half);
        Span<byte> output = stackalloc byte[SipHash.HashBytes];
        hash.Hash(input, output);
        return BinaryPrimitives.ReadUInt32LittleEndian(output);
    }

    private sealed class BlockMutation : Mutation
    {
        public override bool FreesSpace => true;

        public ulong Block { get; private set; }

        public override void Execute(MutationContext context) => Block = OpenRows.TakeBlock(context);
    }
}
