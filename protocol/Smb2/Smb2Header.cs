using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>The header of every SMB2 message, in its synchronous and asynchronous forms (MS-SMB2 2.2.1).</summary>
/// <remarks>
/// <code>
///  0 ProtocolId FE 'S' 'M' 'B'   4 StructureSize 64   6 CreditCharge    8 Status (request: ChannelSequence, Reserved)
/// 12 Command                    14 CreditRequest     16 Flags         20 NextCommand
/// 24 MessageId                  32 ProcessId | AsyncId               36 TreeId |
/// 40 SessionId                  48 Signature (16)
/// </code>
/// </remarks>
public record struct Smb2Header
{
    /// <summary>Bytes of the header on the wire.</summary>
    public const int Bytes = 64;

    /// <summary>FE 'S' 'M' 'B' read as a little-endian number.</summary>
    public const uint ProtocolId = 0x424D53FE;

    public const int FlagsOffset = 16;
    public const int NextCommandOffset = 20;
    public const int SignatureOffset = 48;
    public const int SignatureBytes = 16;

    /// <summary>The process id that Windows servers and clients use where none is meant.</summary>
    public const uint DefaultProcessId = 0xFEFF;

    public ushort CreditCharge { get; set; }

    /// <summary>Of a response.</summary>
    public NtStatus Status { get; set; }

    /// <summary>Of a request of SMB 3: how many channels the client has lost so far.</summary>
    public readonly ushort ChannelSequence => (ushort)((uint)Status & 0xFFFF);

    public Smb2Command Command { get; set; }

    /// <summary>Credits asked for or granted.</summary>
    public ushort Credits { get; set; }

    public Smb2HeaderFlags Flags { get; set; }

    /// <summary>Offset of the next element of a compound from this header; 0 for the last.</summary>
    public uint NextCommand { get; set; }

    public ulong MessageId { get; set; }

    /// <summary>Only in the asynchronous form.</summary>
    public ulong AsyncId { get; set; }

    /// <summary>Only in the synchronous form.</summary>
    public uint ProcessId { get; set; }

    /// <summary>Only in the synchronous form.</summary>
    public uint TreeId { get; set; }

    public ulong SessionId { get; set; }

    public readonly bool IsAsync => (Flags & Smb2HeaderFlags.Async) != 0;

    public readonly bool IsResponse => (Flags & Smb2HeaderFlags.Response) != 0;

    public readonly bool IsRelated => (Flags & Smb2HeaderFlags.Related) != 0;

    public readonly bool IsSigned => (Flags & Smb2HeaderFlags.HasSignature) != 0;

    public readonly bool IsReplay => (Flags & Smb2HeaderFlags.Replay) != 0;

    /// <summary>Reads the header; false for anything that is no SMB2 message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out Smb2Header header)
    {
        header = default;
        if (message.Length < Bytes
            || BinaryPrimitives.ReadUInt32LittleEndian(message) != ProtocolId
            || BinaryPrimitives.ReadUInt16LittleEndian(message[4..]) != Bytes)
        {
            return false;
        }

        header.CreditCharge = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        header.Status = (NtStatus)BinaryPrimitives.ReadUInt32LittleEndian(message[8..]);
        header.Command = (Smb2Command)BinaryPrimitives.ReadUInt16LittleEndian(message[12..]);
        header.Credits = BinaryPrimitives.ReadUInt16LittleEndian(message[14..]);
        header.Flags = (Smb2HeaderFlags)BinaryPrimitives.ReadUInt32LittleEndian(message[FlagsOffset..]);
        header.NextCommand = BinaryPrimitives.ReadUInt32LittleEndian(message[NextCommandOffset..]);
        header.MessageId = BinaryPrimitives.ReadUInt64LittleEndian(message[24..]);
        if (header.IsAsync)
        {
            header.AsyncId = BinaryPrimitives.ReadUInt64LittleEndian(message[32..]);
        }
        else
        {
            header.ProcessId = BinaryPrimitives.ReadUInt32LittleEndian(message[32..]);
            header.TreeId = BinaryPrimitives.ReadUInt32LittleEndian(message[36..]);
        }

        header.SessionId = BinaryPrimitives.ReadUInt64LittleEndian(message[40..]);
        return true;
    }

    /// <summary>Writes the header with an empty signature.</summary>
    public readonly void Write(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(message, ProtocolId);
        BinaryPrimitives.WriteUInt16LittleEndian(message[4..], Bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(message[6..], CreditCharge);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], (uint)Status);
        BinaryPrimitives.WriteUInt16LittleEndian(message[12..], (ushort)Command);
        BinaryPrimitives.WriteUInt16LittleEndian(message[14..], Credits);
        BinaryPrimitives.WriteUInt32LittleEndian(message[FlagsOffset..], (uint)Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message[NextCommandOffset..], NextCommand);
        BinaryPrimitives.WriteUInt64LittleEndian(message[24..], MessageId);
        if (IsAsync)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(message[32..], AsyncId);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(message[32..], ProcessId);
            BinaryPrimitives.WriteUInt32LittleEndian(message[36..], TreeId);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(message[40..], SessionId);
        message.Slice(SignatureOffset, SignatureBytes).Clear();
    }
}
