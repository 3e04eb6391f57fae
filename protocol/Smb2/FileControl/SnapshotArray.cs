using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>SRV_SNAPSHOT_ARRAY, MS-SMB2 2.2.32.2, of a volume without snapshots: an array that is only its final NUL.</summary>
/// <remarks>
/// <code>
/// 0 NumberOfSnapShots   4 NumberOfSnapShotsReturned   8 SnapShotArraySize   12 SnapShots
/// </code>
/// </remarks>
public static class SnapshotArray
{
    /// <summary>The least a client has to offer, and what is sent.</summary>
    public const int EmptyBytes = 16;

    private const uint FinalNulBytes = 2;

    public static void WriteEmpty(Span<byte> output)
    {
        output[..EmptyBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(output[8..], FinalNulBytes);
    }
}
