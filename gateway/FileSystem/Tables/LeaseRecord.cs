using System.Buffers.Binary;
using Gateway.FileSystem.Opens;

namespace Gateway.FileSystem.Tables;

/// <summary>The lease of persistent opens as its row has it.</summary>
/// <remarks>
/// <code>
/// 0 version=1   1 lease version   2 state   3 flags   4 epoch (2)   6 zero (2)   8 parent key (16)
/// </code>
/// </remarks>
internal readonly record struct LeaseRecord(byte LeaseVersion, LeaseState State, ushort Epoch, Guid? ParentKey)
{
    public const int Bytes = 24;

    private const byte Version = 1;
    private const byte ParentFlag = 1;

    /// <summary>False for what is no record of this version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> row, out LeaseRecord record)
    {
        record = default;
        if (row.Length != Bytes || row[0] != Version) return false;

        record = new LeaseRecord(
            row[1],
            (LeaseState)row[2] & LeaseState.All,
            BinaryPrimitives.ReadUInt16LittleEndian(row[4..]),
            (row[3] & ParentFlag) != 0 ? new Guid(row.Slice(8, 16)) : null);
        return true;
    }

    public void Write(Span<byte> row)
    {
        row[..Bytes].Clear();
        row[0] = Version;
        row[1] = LeaseVersion;
        row[2] = (byte)State;
        row[3] = ParentKey is null ? (byte)0 : ParentFlag;
        BinaryPrimitives.WriteUInt16LittleEndian(row[4..], Epoch);
        (ParentKey ?? Guid.Empty).TryWriteBytes(row[8..]);
    }
}
