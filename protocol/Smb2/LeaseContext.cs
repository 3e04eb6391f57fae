using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>
/// SMB2_CREATE_REQUEST_LEASE and its answer, in version 1 (32 bytes, MS-SMB2 2.2.13.2.8 and 2.2.14.2.10) and version 2
/// (52 bytes, 2.2.13.2.10 and 2.2.14.2.11).
/// </summary>
/// <remarks>
/// <code>
///  0 LeaseKey (16)   16 LeaseState   20 Flags   24 LeaseDuration   32 ParentLeaseKey (16)   48 Epoch   50 Reserved
/// </code>
/// </remarks>
public readonly record struct LeaseContext
{
    private const int BytesV1 = 32;
    private const int BytesV2 = 52;

    /// <summary>1 or 2.</summary>
    public required int Version { get; init; }

    /// <summary>Chosen by the client; one file on one server never has two leases of the same key.</summary>
    public required Guid Key { get; init; }

    public required Smb2LeaseState State { get; init; }

    public Smb2LeaseFlags Flags { get; init; }

    /// <summary>Key of the lease on the directory; meaningful when <see cref="Flags"/> say that it is set.</summary>
    public Guid ParentKey { get; init; }

    /// <summary>Counts the changes of the lease's state; version 2 only.</summary>
    public ushort Epoch { get; init; }

    public int Bytes => Version == 1 ? BytesV1 : BytesV2;

    public static bool TryParse(ReadOnlySpan<byte> data, out LeaseContext lease)
    {
        lease = default;
        if (data.Length is not (BytesV1 or BytesV2))
            return false;
        var isSecond = data.Length == BytesV2;
        lease = new LeaseContext
        {
            Version = isSecond ? 2 : 1,
            Key = new Guid(data[..16]),
            State = (Smb2LeaseState)BinaryPrimitives.ReadUInt32LittleEndian(data[16..]),
            Flags = (Smb2LeaseFlags)BinaryPrimitives.ReadUInt32LittleEndian(data[20..]),
            ParentKey = isSecond ? new Guid(data.Slice(32, 16)) : default,
            Epoch = isSecond ? BinaryPrimitives.ReadUInt16LittleEndian(data[48..]) : (ushort)0,
        };
        return true;
    }

    /// <summary>Writes <see cref="Bytes"/> bytes.</summary>
    public void Write(Span<byte> data)
    {
        data[..Bytes].Clear();
        Key.TryWriteBytes(data);
        BinaryPrimitives.WriteUInt32LittleEndian(data[16..], (uint)State);
        BinaryPrimitives.WriteUInt32LittleEndian(data[20..], (uint)Flags);
        if (Version == 1)
            return;
        ParentKey.TryWriteBytes(data[32..]);
        BinaryPrimitives.WriteUInt16LittleEndian(data[48..], Epoch);
    }
}
