using System.Buffers.Binary;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Tables;

/// <summary>Rows of persistent opens, of their leases and of their byte-range locks.</summary>
/// <remarks>
/// <code>
/// 'P' | open id BE                    OpenRecord
/// 'Q' | open id BE | 0                0x01 | for each of 64 indexes: number of the last LOCK + 1, or 0 (1)
/// 'Q' | open id BE | lock id BE       0x01 | exclusive (1) | offset LE | length LE
/// 'G' | ClientGuid (16) | key (16)    LeaseRecord
/// "#open"                             the next block of open ids LE
/// </code>
/// </remarks>
internal static class OpenRows
{
    /// <summary>Locks of one persistent open: as many rows may have to go in the mutation that closes it.</summary>
    public const int LocksPerOpenMax = 1024;

    private const byte Version = 1;
    private const int LockBytes = 1 + 1 + 8 + 8;
    private const int LeaseKeyBytes = 1 + 16 + 16;

    public static void Put(MutationContext rows, OpenRecord record)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        Span<byte> row = stackalloc byte[OpenRecord.BytesMax];
        var length = record.Write(row);
        rows.Put(RowKeys.One(key, RowKeys.OpenPrefix, record.Grant.Id), row[..length]);
    }

    /// <summary>Removes an open with its locks; its lease is left alone.</summary>
    public static void Delete(MutationContext rows, ulong id)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        foreach (var second in ListSeconds(rows, id)) rows.Delete(RowKeys.Two(key, RowKeys.OpenLockPrefix, id, second));
        rows.Delete(RowKeys.One(key, RowKeys.OpenPrefix, id));
    }

    public static void PutLock(MutationContext rows, ulong open, ulong id, ulong offset, ulong length, bool exclusive)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        Span<byte> row = stackalloc byte[LockBytes];
        row[0] = Version;
        row[1] = exclusive ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(row[2..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(row[10..], length);
        rows.Put(RowKeys.Two(key, RowKeys.OpenLockPrefix, open, id), row);
    }

    public static void DeleteLock(MutationContext rows, ulong open, ulong id)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        rows.Delete(RowKeys.Two(key, RowKeys.OpenLockPrefix, open, id));
    }

    /// <param name="rows">Where to.</param>
    /// <param name="open">Of the open.</param>
    /// <param name="numbers">One byte for each index.</param>
    public static void PutSequences(MutationContext rows, ulong open, ReadOnlySpan<byte> numbers)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        Span<byte> row = stackalloc byte[1 + numbers.Length];
        row[0] = Version;
        numbers.CopyTo(row[1..]);
        rows.Put(RowKeys.Two(key, RowKeys.OpenLockPrefix, open, 0), row);
    }

    public static void PutLease(MutationContext rows, Guid client, Guid key, LeaseRecord record)
    {
        Span<byte> buffer = stackalloc byte[LeaseKeyBytes];
        Span<byte> row = stackalloc byte[LeaseRecord.Bytes];
        record.Write(row);
        rows.Put(LeaseKey(buffer, client, key), row);
    }

    public static void DeleteLease(MutationContext rows, Guid client, Guid key)
    {
        Span<byte> buffer = stackalloc byte[LeaseKeyBytes];
        rows.Delete(LeaseKey(buffer, client, key));
    }

    /// <summary>Null when there is none.</summary>
    /// <exception cref="InvalidDataException">The row is malformed.</exception>
    public static LeaseRecord? GetLease(IRowReader rows, Guid client, Guid key)
    {
        Span<byte> buffer = stackalloc byte[LeaseKeyBytes];
        if (!rows.TryGet(LeaseKey(buffer, client, key), out var row)) return null;
        return LeaseRecord.TryRead(row, out var record)
            ? record
            : throw new InvalidDataException("The row of a lease is malformed.");
    }

    /// <summary>All persistent opens of the volume.</summary>
    /// <exception cref="InvalidDataException">A row is malformed.</exception>
    public static List<OpenRecord> List(IRowReader rows)
    {
        var found = new List<OpenRecord>();
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek([RowKeys.OpenPrefix]); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.OpenPrefix)) break;
            found.Add(
                OpenRecord.Read(RowKeys.FirstNumber(cursor.Key), cursor.Value)
                ?? throw new InvalidDataException("The row of an open is malformed."));
        }

        return found;
    }

    /// <summary>The locks of an open, in the order they were taken, and the numbers of its LOCK requests.</summary>
    /// <exception cref="InvalidDataException">A row is malformed.</exception>
    public static List<LockRecord> ListLocks(IRowReader rows, ulong open, out byte[] sequences)
    {
        var found = new List<LockRecord>();
        sequences = [];
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.One(key, RowKeys.OpenLockPrefix, open)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.OpenLockPrefix, open)) break;

            var id = RowKeys.SecondNumber(cursor.Key);
            var row = cursor.Value;
            if (row.IsEmpty || row[0] != Version || (id != 0 && row.Length != LockBytes))
                throw new InvalidDataException("The row of an open's lock is malformed.");
            if (id == 0) sequences = row[1..].ToArray();
            else found.Add(ReadLock(id, row));
        }

        return found;
    }

    /// <summary>Takes the next block of open ids.</summary>
    public static ulong TakeBlock(MutationContext rows)
    {
        var block = rows.TryGet(RowKeys.OpenBlock, out var row) ? BinaryPrimitives.ReadUInt64LittleEndian(row) : 0;
        Span<byte> next = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(next, block + 1);
        rows.Put(RowKeys.OpenBlock, next);
        return block;
    }

    private static LockRecord ReadLock(ulong id, ReadOnlySpan<byte> row) => new(
        id,
        BinaryPrimitives.ReadUInt64LittleEndian(row[2..]),
        BinaryPrimitives.ReadUInt64LittleEndian(row[10..]),
        row[1] != 0);

    private static List<ulong> ListSeconds(MutationContext rows, ulong id)
    {
        var found = new List<ulong>();
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.One(key, RowKeys.OpenLockPrefix, id)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.OpenLockPrefix, id)) break;
            found.Add(RowKeys.SecondNumber(cursor.Key));
        }

        return found;
    }

    private static ReadOnlySpan<byte> LeaseKey(Span<byte> buffer, Guid client, Guid key)
    {
        buffer[0] = RowKeys.LeasePrefix;
        client.TryWriteBytes(buffer[1..]);
        key.TryWriteBytes(buffer[17..]);
        return buffer;
    }
}

/// <summary>A byte-range lock of a persistent open as its row has it.</summary>
internal readonly record struct LockRecord(ulong Id, ulong Offset, ulong Length, bool Exclusive);
