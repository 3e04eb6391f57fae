using System.Buffers.Binary;

namespace Gateway.FileSystem.Tables;

/// <summary>The row <c>V</c>: what makes the volume itself and lets its handles be known.</summary>
internal sealed record VolumeIdentity(Guid VolumeId, byte[] HandleKey, uint RootGeneration)
{
    public const int Bytes = 1 + 16 + HandleSeal.KeyBytes + 4;

    private const byte Version = 1;

    public ulong FileSystemId => BinaryPrimitives.ReadUInt64LittleEndian(VolumeId.ToByteArray());

    public static VolumeIdentity Read(ReadOnlySpan<byte> row) =>
        row.Length == Bytes && row[0] == Version
            ? new VolumeIdentity(
                new Guid(row.Slice(1, 16)),
                row.Slice(17, HandleSeal.KeyBytes).ToArray(),
                BinaryPrimitives.ReadUInt32LittleEndian(row[(17 + HandleSeal.KeyBytes)..]))
            : throw new InvalidDataException("The volume row is malformed or of a newer version.");

    public void Write(Span<byte> row)
    {
        row[0] = Version;
        VolumeId.TryWriteBytes(row[1..]);
        HandleKey.CopyTo(row[17..]);
        BinaryPrimitives.WriteUInt32LittleEndian(row[(17 + HandleSeal.KeyBytes)..], RootGeneration);
    }
}
