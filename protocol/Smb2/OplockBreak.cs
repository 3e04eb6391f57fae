using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>
/// SMB2 OPLOCK_BREAK for an oplock: notification, acknowledgement and its answer have one form (MS-SMB2 2.2.23.1,
/// 2.2.24.1, 2.2.25.1).
/// </summary>
/// <remarks>
/// <code>
///  0 StructureSize 24    2 OplockLevel    3 Reserved    4 Reserved2    8 FileId (16)
/// </code>
/// </remarks>
public readonly record struct OplockBreak(Smb2OplockLevel Level, FileId File)
{
    public const int BodyBytes = 24;

    /// <summary>Reads a message that begins with its header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out OplockBreak oplock)
    {
        oplock = default;
        if (message.Length < Smb2Header.Bytes + BodyBytes)
            return false;
        var body = message[Smb2Header.Bytes..];
        if (BinaryPrimitives.ReadUInt16LittleEndian(body) != BodyBytes)
            return false;
        oplock = new OplockBreak((Smb2OplockLevel)body[2], FileId.Read(body[8..]));
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
        body[2] = (byte)Level;
        var file = File;
        file.Write(body[8..]);
    }
}

/// <summary>SMB2 Lease Break Notification, MS-SMB2 2.2.23.2.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 44    2 NewEpoch    4 Flags    8 LeaseKey (16)    24 CurrentLeaseState    28 NewLeaseState
/// 32 BreakReason        36 AccessMaskHint        40 ShareMaskHint
/// </code>
/// </remarks>
public readonly record struct LeaseBreakNotification(
    Guid Key, Smb2LeaseState Current, Smb2LeaseState New, Smb2LeaseFlags Flags, ushort NewEpoch)
{
    public const int BodyBytes = 44;

    /// <summary>Reads a message that begins with its header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out LeaseBreakNotification notification)
    {
        notification = default;
        if (message.Length < Smb2Header.Bytes + BodyBytes)
            return false;
        var body = message[Smb2Header.Bytes..];
        if (BinaryPrimitives.ReadUInt16LittleEndian(body) != BodyBytes)
            return false;
        notification = new LeaseBreakNotification(
            new Guid(body.Slice(8, 16)),
            (Smb2LeaseState)BinaryPrimitives.ReadUInt32LittleEndian(body[24..]),
            (Smb2LeaseState)BinaryPrimitives.ReadUInt32LittleEndian(body[28..]),
            (Smb2LeaseFlags)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(body[2..]));
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], NewEpoch);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)Flags);
        Key.TryWriteBytes(body[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], (uint)Current);
        BinaryPrimitives.WriteUInt32LittleEndian(body[28..], (uint)New);
    }
}

/// <summary>SMB2 Lease Break Acknowledgment and its answer, MS-SMB2 2.2.24.2 and 2.2.25.2.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 36    2 Reserved    4 Flags    8 LeaseKey (16)    24 LeaseState    28 LeaseDuration
/// </code>
/// </remarks>
public readonly record struct LeaseBreak(Guid Key, Smb2LeaseState State)
{
    public const int BodyBytes = 36;

    /// <summary>Reads a message that begins with its header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out LeaseBreak lease)
    {
        lease = default;
        if (message.Length < Smb2Header.Bytes + BodyBytes)
            return false;
        var body = message[Smb2Header.Bytes..];
        if (BinaryPrimitives.ReadUInt16LittleEndian(body) != BodyBytes)
            return false;
        lease = new LeaseBreak(
            new Guid(body.Slice(8, 16)), (Smb2LeaseState)BinaryPrimitives.ReadUInt32LittleEndian(body[24..]));
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
        Key.TryWriteBytes(body[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], (uint)State);
    }
}
