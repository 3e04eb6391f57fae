using System.Buffers.Binary;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>Rows of locks and share reservations, each with an index row by client.</summary>
/// <remarks>
/// <code>
/// 'L' | inode BE | id BE     lock:  0x01 | exclusive (1) | start LE | last LE | client bytes (1) | client | owner
/// 'H' | inode BE | id BE     share: 0x01 | access (1) | deny (1) | client bytes (1) | client | owner
/// 'O' | client bytes (1) | client | 'L' or 'H' | inode BE | id BE     empty
/// </code>
/// </remarks>
internal static class LockRows
{
    public const int LocksPerFileMax = 1024;

    public const int SharesPerFileMax = 1024;

    /// <summary>Rows that one mutation removes at most.</summary>
    public const int RemovalsMax = 1024;

    private const byte Version = 1;
    private const int LockHeadBytes = 1 + 1 + 8 + 8 + 1;
    private const int ShareHeadBytes = 1 + 1 + 1 + 1;
    private const int ClientKeyBytesMax = 1 + 1 + LockOwner.ClientBytesMax + 1 + 8 + 8;

    /// <summary>Marks the node, so that only the removal of locked files looks for their locks.</summary>
    public static void Mark(MutationContext rows, ulong number, ref Inode inode)
    {
        if ((inode.Flags & InodeFlags.WasLocked) != 0) return;

        inode.Flags |= InodeFlags.WasLocked;
        NodeRows.Put(rows, number, inode);
    }

    public static List<StoredLock> ReadLocks(IRowReader rows, NodeId node)
    {
        var found = new List<StoredLock>();
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.One(key, RowKeys.LockPrefix, node.Inode)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.LockPrefix, node.Inode)) break;

            var row = cursor.Value;
            if (row.Length < LockHeadBytes || row[0] != Version)
                throw new InvalidDataException("A lock row is malformed.");
            var range = new LockRange(
                BinaryPrimitives.ReadUInt64LittleEndian(row[2..]), BinaryPrimitives.ReadUInt64LittleEndian(row[10..]));
            var owner = ReadOwner(row[(LockHeadBytes - 1)..]);
            found.Add(
                new StoredLock(RowKeys.SecondNumber(cursor.Key), new LockRequest(node, owner, range, row[1] != 0)));
        }

        return found;
    }

    public static List<StoredShare> ReadShares(IRowReader rows, ulong inode)
    {
        var found = new List<StoredShare>();
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.One(key, RowKeys.SharePrefix, inode)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.SharePrefix, inode)) break;

            var row = cursor.Value;
            if (row.Length < ShareHeadBytes || row[0] != Version)
                throw new InvalidDataException("A share row is malformed.");
            var owner = ReadOwner(row[(ShareHeadBytes - 1)..]);
            found.Add(new StoredShare(
                RowKeys.SecondNumber(cursor.Key), owner, (ShareAccess)row[1], (ShareAccess)row[2]));
        }

        return found;
    }

    public static void PutLock(MutationContext rows, ulong id, LockRequest held)
    {
        Span<byte> row = stackalloc byte[LockHeadBytes + LockOwner.ClientBytesMax + LockOwner.OwnerBytesMax];
        row[0] = Version;
        row[1] = held.Exclusive ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(row[2..], held.Range.Start);
        BinaryPrimitives.WriteUInt64LittleEndian(row[10..], held.Range.Last);
        var length = LockHeadBytes - 1 + WriteOwner(row[(LockHeadBytes - 1)..], held.Owner);
        Put(rows, RowKeys.LockPrefix, held.Node.Inode, id, held.Owner.Client, row[..length]);
    }

    public static void PutShare(MutationContext rows, ulong inode, in StoredShare share)
    {
        Span<byte> row = stackalloc byte[ShareHeadBytes + LockOwner.ClientBytesMax + LockOwner.OwnerBytesMax];
        row[0] = Version;
        row[1] = (byte)share.Access;
        row[2] = (byte)share.Deny;
        var length = ShareHeadBytes - 1 + WriteOwner(row[(ShareHeadBytes - 1)..], share.Owner);
        Put(rows, RowKeys.SharePrefix, inode, share.Id, share.Owner.Client, row[..length]);
    }

    public static void Delete(MutationContext rows, byte prefix, ulong inode, ulong id, ReadOnlySpan<byte> client)
    {
        Span<byte> key = stackalloc byte[ClientKeyBytesMax];
        rows.Delete(ClientKey(key, client, prefix, inode, id));
        rows.Delete(RowKeys.Two(key, prefix, inode, id));
    }

    /// <summary>Removes locks and shares of a node that is gone, up to a bound; true when none is left.</summary>
    public static bool RemoveSome(MutationContext rows, ulong inode)
    {
        var left = RemovalsMax;
        foreach (var held in ReadLocks(rows, new NodeId(inode, 0)))
        {
            if (left-- == 0) return false;
            Delete(rows, RowKeys.LockPrefix, inode, held.Id, held.Lock.Owner.Client);
        }

        foreach (var share in ReadShares(rows, inode))
        {
            if (left-- <= 0) return false;
            Delete(rows, RowKeys.SharePrefix, inode, share.Id, share.Owner.Client);
        }

        return true;
    }

    /// <summary>Removes what a client holds, up to a bound; true when nothing is left. Lists the nodes.</summary>
    public static bool RemoveOfClient(MutationContext rows, ReadOnlySpan<byte> client, HashSet<ulong> inodes)
    {
        var found = new List<(byte Prefix, ulong Inode, ulong Id)>();
        Span<byte> buffer = stackalloc byte[ClientKeyBytesMax];
        var prefix = ClientPrefix(buffer, client);
        using (var cursor = rows.OpenCursor())
        {
            for (var more = cursor.Seek(prefix); more && found.Count < RemovalsMax; more = cursor.MoveNext())
            {
                if (!cursor.Key.StartsWith(prefix)) break;
                var rest = cursor.Key[prefix.Length..];
                found.Add((
                    rest[0], BinaryPrimitives.ReadUInt64BigEndian(rest[1..]),
                    BinaryPrimitives.ReadUInt64BigEndian(rest[9..])));
            }
        }

        foreach (var (kind, inode, id) in found)
        {
            Delete(rows, kind, inode, id, client);
            inodes.Add(inode);
        }

        return found.Count < RemovalsMax;
    }

    private static void Put(
        MutationContext rows, byte prefix, ulong inode, ulong id, ReadOnlySpan<byte> client, ReadOnlySpan<byte> row)
    {
        Span<byte> key = stackalloc byte[ClientKeyBytesMax];
        rows.Put(RowKeys.Two(key, prefix, inode, id), row);
        rows.Put(ClientKey(key, client, prefix, inode, id), default);
    }

    private static ReadOnlySpan<byte> ClientPrefix(Span<byte> buffer, ReadOnlySpan<byte> client)
    {
        buffer[0] = RowKeys.LockClientPrefix;
        buffer[1] = (byte)client.Length;
        client.CopyTo(buffer[2..]);
        return buffer[..(2 + client.Length)];
    }

    private static ReadOnlySpan<byte> ClientKey(
        Span<byte> buffer, ReadOnlySpan<byte> client, byte prefix, ulong inode, ulong id)
    {
        var at = ClientPrefix(buffer, client).Length;
        RowKeys.Two(buffer[at..], prefix, inode, id);
        return buffer[..(at + RowKeys.TwoNumbersBytes)];
    }

    private static int WriteOwner(Span<byte> row, LockOwner owner)
    {
        row[0] = (byte)owner.Client.Length;
        owner.Client.CopyTo(row[1..]);
        owner.Owner.CopyTo(row[(1 + owner.Client.Length)..]);
        return 1 + owner.Client.Length + owner.Owner.Length;
    }

    private static LockOwner ReadOwner(ReadOnlySpan<byte> row) => new(row.Slice(1, row[0]), row[(1 + row[0])..]);
}

internal readonly record struct StoredLock(ulong Id, LockRequest Lock);

internal readonly record struct StoredShare(ulong Id, LockOwner Owner, ShareAccess Access, ShareAccess Deny);
