using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.FileSystem;

/// <summary>
/// Makes and checks file handles: (volume, inode, generation) under a keyed MAC of the volume. The key is a row of the
/// volume, so a handle is good on every gateway and across restarts, does not depend on the export or sub-directory
/// it was reached through, and cannot be forged.
/// </summary>
/// <remarks>
/// <code>
/// 0      1        4           20          28            32                    48
/// | 0x01 | zero   | volume id | inode LE  | generation  | SipHash-2-4-128 of the rest |
/// </code>
/// The same node always gives the same bytes: clients compare handles. Thread-safe.
/// </remarks>
public sealed class HandleSeal
{
    public const int HandleBytes = 48;

    public const int KeyBytes = SipHash.KeyBytes;

    private const byte Version = 1;
    private const int VolumeAt = 4;
    private const int InodeAt = 20;
    private const int GenerationAt = 28;
    private const int TagAt = 32;

    private readonly SipHash _hash;

    public HandleSeal(Guid volumeId, ReadOnlySpan<byte> key)
    {
        VolumeId = volumeId;
        _hash = new SipHash(key);
    }

    public Guid VolumeId { get; }

    /// <summary>Reads the volume a handle claims to be of, to find its seal; proves nothing.</summary>
    public static bool TryReadVolume(ReadOnlySpan<byte> handle, out Guid volumeId)
    {
        volumeId = default;
        if (handle.Length != HandleBytes || handle[0] != Version) return false;

        volumeId = new Guid(handle.Slice(VolumeAt, 16));
        return true;
    }

    /// <summary>Writes the handle of the node, <see cref="HandleBytes"/> long.</summary>
    public void Seal(NodeId node, Span<byte> destination)
    {
        destination = destination[..HandleBytes];
        destination.Clear();
        destination[0] = Version;
        VolumeId.TryWriteBytes(destination[VolumeAt..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[InodeAt..], node.Inode);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[GenerationAt..], node.Generation);
        _hash.Hash(destination[..TagAt], destination[TagAt..]);
    }

    /// <summary>Checks a handle in constant time; false when this volume did not seal it.</summary>
    public bool TryOpen(ReadOnlySpan<byte> handle, out NodeId node)
    {
        node = default;
        if (handle.Length != HandleBytes || handle[0] != Version) return false;

        Span<byte> tag = stackalloc byte[SipHash.HashBytes];
        _hash.Hash(handle[..TagAt], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, handle[TagAt..])) return false;

        // The tag covers the volume id, but two volumes could share a key after a careless copy.
        if (new Guid(handle.Slice(VolumeAt, 16)) != VolumeId) return false;

        node = new NodeId(
            BinaryPrimitives.ReadUInt64LittleEndian(handle[InodeAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(handle[GenerationAt..]));
        return true;
    }
}
