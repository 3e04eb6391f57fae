using System.Buffers.Binary;
using Gateway.FileSystem.Locks;

namespace Gateway.Nfs.Locks;

/// <summary>How NLM's owners are written in the lock table: <c>svid (4 bytes, big-endian) | oh</c>.</summary>
internal static class LockOwners
{
    public static LockOwner Of(LockClient client, int svid, ReadOnlySpan<byte> ownerHandle)
    {
        var owner = new byte[sizeof(int) + ownerHandle.Length];
        BinaryPrimitives.WriteInt32BigEndian(owner, svid);
        ownerHandle.CopyTo(owner.AsSpan(sizeof(int)));
        return new LockOwner(client.Key, owner);
    }

    /// <summary>The holder as NLM names it; zero and nothing for a lock of another protocol.</summary>
    public static (int Svid, byte[] OwnerHandle) Read(LockOwner owner) =>
        owner.Owner.Length < sizeof(int)
            ? (0, [])
            : (BinaryPrimitives.ReadInt32BigEndian(owner.Owner), owner.Owner[sizeof(int)..].ToArray());
}
