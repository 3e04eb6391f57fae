using System.Buffers.Binary;

namespace Gateway.FileSystem.Tables;

/// <summary>
/// What the rows of few nodes have at their end: times that 64 bits of nanoseconds do not hold (before 1677, after 2262),
/// and a change time that a client declared.
/// </summary>
/// <remarks>
/// <code>
/// high part of access, modify, birth and declared time (1 byte each, signed) | 1: declared, else 0 | 0 (3)
/// | low part of the declared time (8)
/// </code>
/// A low part is unsigned then; those of the other times are where they are in every row. The high parts of all that a
/// FILETIME can say (MS-DTYP 2.3.3) are within -1 and 49.
/// </remarks>
internal static class InodeTimes
{
    public const int Bytes = 16;

    private const int HighBits = 64;

    public static bool AreNeeded(in Inode inode) =>
        inode.DeclaredChangeTime is not null
        || IsLong(inode.AccessTime) || IsLong(inode.ModifyTime) || IsLong(inode.BirthTime);

    public static void Read(ReadOnlySpan<byte> tail, ref Inode inode)
    {
        inode.AccessTime = Join(tail[0], (long)inode.AccessTime);
        inode.ModifyTime = Join(tail[1], (long)inode.ModifyTime);
        inode.BirthTime = Join(tail[2], (long)inode.BirthTime);
        if (tail[4] != 0) inode.DeclaredChangeTime = Join(tail[3], BinaryPrimitives.ReadInt64LittleEndian(tail[8..]));
    }

    public static void Write(Span<byte> tail, in Inode inode)
    {
        tail[..Bytes].Clear();
        tail[0] = High(inode.AccessTime);
        tail[1] = High(inode.ModifyTime);
        tail[2] = High(inode.BirthTime);
        if (inode.DeclaredChangeTime is not { } declared) return;

        tail[3] = High(declared);
        tail[4] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(tail[8..], unchecked((long)declared));
    }

    private static bool IsLong(Int128 time) => time != unchecked((long)time);

    private static byte High(Int128 time) => unchecked((byte)(long)(time >> HighBits));

    private static Int128 Join(byte high, long low) =>
        ((Int128)unchecked((sbyte)high) << HighBits) | (Int128)unchecked((ulong)low);
}
