using System.Buffers.Binary;
using Gateway.Replication.Checksums;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Nodes;

/// <summary>One copy of the superblock: 256 bytes, version 1, CRC-32C in the last four.</summary>
internal static class NodeStateCodec
{
    public const int Bytes = 256;

    private const ulong Magic = 0x31_42_53_53_41_47_4E; // "NGASSB1"
    private const byte HasState = 1;
    private const byte IsRetired = 1;

    public static void Write(Span<byte> to, ulong generation, NodeDirectoryIdentity identity, NodeState? state)
    {
        to = to[..Bytes];
        to.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], generation);
        identity.Cluster.TryWriteBytes(to[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], identity.Incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(to[40..], identity.NameHash);
        if (state is not null)
        {
            to[48] = HasState;
            to[49] = (byte)state.Limbo;
            to[50] = state.Retired ? IsRetired : (byte)0;
            state.VolumeId.TryWriteBytes(to[56..]);
            BinaryPrimitives.WriteUInt64LittleEndian(to[72..], state.Nonce);
            BinaryPrimitives.WriteUInt64LittleEndian(to[80..], state.PromisedEpoch);
            BinaryPrimitives.WriteUInt64LittleEndian(to[88..], state.PromisedOwner);
            BinaryPrimitives.WriteUInt64LittleEndian(to[96..], state.ConfigGeneration);
            BinaryPrimitives.WriteUInt64LittleEndian(to[104..], state.ReleasedEpoch);
            BinaryPrimitives.WriteUInt64LittleEndian(to[112..], state.Base.Index);
            BinaryPrimitives.WriteUInt64LittleEndian(to[120..], state.Base.Epoch);
            BinaryPrimitives.WriteUInt64LittleEndian(to[128..], state.Base.Chain);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(to[252..], Crc32C.Compute(to[..252]));
    }

    public static bool TryRead(
        ReadOnlySpan<byte> from, out ulong generation, out NodeDirectoryIdentity identity, out NodeState? state)
    {
        generation = BinaryPrimitives.ReadUInt64LittleEndian(from[8..]);
        identity = new NodeDirectoryIdentity(
            new Guid(from.Slice(16, 16)), BinaryPrimitives.ReadUInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[40..]));
        state = null;
        if (BinaryPrimitives.ReadUInt64LittleEndian(from) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(from[252..]) != Crc32C.Compute(from[..252]))
        {
            return false;
        }

        if (from[48] == HasState) state = ReadState(from);
        return true;
    }

    private static NodeState ReadState(ReadOnlySpan<byte> from) => new()
    {
        Limbo = (LimboReason)from[49],
        Retired = from[50] == IsRetired,
        VolumeId = new Guid(from.Slice(56, 16)),
        Nonce = BinaryPrimitives.ReadUInt64LittleEndian(from[72..]),
        PromisedEpoch = BinaryPrimitives.ReadUInt64LittleEndian(from[80..]),
        PromisedOwner = BinaryPrimitives.ReadUInt64LittleEndian(from[88..]),
        ConfigGeneration = BinaryPrimitives.ReadUInt64LittleEndian(from[96..]),
        ReleasedEpoch = BinaryPrimitives.ReadUInt64LittleEndian(from[104..]),
        Base = new LogBase(
            BinaryPrimitives.ReadUInt64LittleEndian(from[112..]), BinaryPrimitives.ReadUInt64LittleEndian(from[120..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[128..])),
    };
}

/// <summary>Whose directory it is. The name is kept as a hash.</summary>
internal readonly record struct NodeDirectoryIdentity(Guid Cluster, ulong Incarnation, ulong NameHash);
