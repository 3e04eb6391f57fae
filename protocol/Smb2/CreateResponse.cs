using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 CREATE Response, MS-SMB2 2.2.14.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 89    2 OplockLevel    3 Flags    4 CreateAction
///  8 OpenAttributes (52) 60 Reserved2    64 FileId (16)
/// 80 CreateContextsOffset                84 CreateContextsLength
/// 88 Buffer
/// </code>
/// </remarks>
public sealed record CreateResponse
{
    private const ushort StructureSize = 89;
    private const int FixedBytes = 88;
    private const int BufferOffset = Smb2Header.Bytes + FixedBytes;

    public required Smb2OplockLevel OplockLevel { get; init; }

    public required CreateAction Action { get; init; }

    public required OpenAttributes Attributes { get; init; }

    public required FileId File { get; init; }

    /// <summary>MxAc, MS-SMB2 2.2.14.2.5.</summary>
    public (NtStatus Status, uint Access)? MaximalAccess { get; init; }

    /// <summary>QFid, MS-SMB2 2.2.14.2.9: 32 bytes, of which the first half are the file's and the volume's ids.</summary>
    public (ulong File, ulong Volume)? OnDiskId { get; init; }

    /// <summary>DHnQ, MS-SMB2 2.2.14.2.3.</summary>
    public bool IsDurable { get; init; }

    /// <summary>DH2Q.</summary>
    public DurableGrantV2? DurableV2 { get; init; }

    /// <summary>RqLs.</summary>
    public LeaseContext? Lease { get; init; }

    /// <summary>AAPL.</summary>
    public AppleAnswer? Apple { get; init; }

    /// <summary>The body, all of it behind the header.</summary>
    public byte[] ToBytes()
    {
        var contexts = Contexts();

        // StructureSize counts a byte of the buffer that need not be there; no client misses it when it is empty.
        var body = new byte[FixedBytes + contexts.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[2] = (byte)OplockLevel;
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4), (uint)Action);
        Attributes.Write(body.AsSpan(8));
        var file = File;
        file.Write(body.AsSpan(64));
        if (contexts.Length == 0)
            return body;
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(80), BufferOffset);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(84), contexts.Length);
        contexts.CopyTo(body.AsSpan(FixedBytes));
        return body;
    }

    /// <summary>Reads a message that begins with its header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out CreateResponse? response)
    {
        response = null;
        if (message.Length < BufferOffset)
            return false;
        var body = message[Smb2Header.Bytes..];
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(body[80..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[84..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(body) != StructureSize
            || (length != 0 && (offset < BufferOffset || (ulong)offset + length > (ulong)message.Length)))
        {
            return false;
        }

        var parsed = new CreateResponse
        {
            OplockLevel = (Smb2OplockLevel)body[2],
            Action = (CreateAction)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            Attributes = OpenAttributes.Read(body[8..]),
            File = FileId.Read(body[64..]),
        };
        var chain = length == 0 ? default : message.Slice((int)offset, (int)length);
        while (!chain.IsEmpty)
        {
            if (!CreateContext.TryTake(ref chain, out var context) || !TryAdd(context, ref parsed))
                return false;
        }

        response = parsed;
        return true;
    }

    private byte[] Contexts()
    {
        var chain = new CreateContexts.ChainBuilder();
        if (Apple is { } apple)
            apple.Write(chain.Add(CreateContextNames.Apple, apple.Bytes));
        if (MaximalAccess is { } maximal)
        {
            var data = chain.Add(CreateContextNames.MaximalAccess, 8);
            BinaryPrimitives.WriteUInt32LittleEndian(data, (uint)maximal.Status);
            BinaryPrimitives.WriteUInt32LittleEndian(data[4..], maximal.Access);
        }

        if (IsDurable)
            chain.Add(CreateContextNames.DurableRequest, 8);
        DurableV2?.Write(chain.Add(CreateContextNames.DurableRequestV2, DurableGrantV2.Bytes));
        if (OnDiskId is { } id)
        {
            var data = chain.Add(CreateContextNames.QueryOnDiskId, 32);
            BinaryPrimitives.WriteUInt64LittleEndian(data, id.File);
            BinaryPrimitives.WriteUInt64LittleEndian(data[8..], id.Volume);
        }

        if (Lease is { } lease)
            lease.Write(chain.Add(CreateContextNames.Lease, lease.Bytes));
        return chain.ToArray();
    }

    private static bool TryAdd(CreateContext context, ref CreateResponse response)
    {
        var data = context.Data;
        if (context.Name.SequenceEqual(CreateContextNames.MaximalAccess))
        {
            if (data.Length != 8)
                return false;
            var status = (NtStatus)BinaryPrimitives.ReadUInt32LittleEndian(data);
            response = response with { MaximalAccess = (status, BinaryPrimitives.ReadUInt32LittleEndian(data[4..])) };
        }
        else if (context.Name.SequenceEqual(CreateContextNames.QueryOnDiskId))
        {
            if (data.Length != 32)
                return false;
            var file = BinaryPrimitives.ReadUInt64LittleEndian(data);
            response = response with { OnDiskId = (file, BinaryPrimitives.ReadUInt64LittleEndian(data[8..])) };
        }
        else
        {
            return TryAddGrant(context, ref response);
        }

        return true;
    }

    private static bool TryAddGrant(CreateContext context, ref CreateResponse response)
    {
        var data = context.Data;
        if (context.Name.SequenceEqual(CreateContextNames.DurableRequest))
        {
            response = response with { IsDurable = true };
            return data.Length == 8;
        }

        if (context.Name.SequenceEqual(CreateContextNames.DurableRequestV2))
        {
            var isRead = DurableGrantV2.TryParse(data, out var grant);
            response = response with { DurableV2 = grant };
            return isRead;
        }

        if (context.Name.SequenceEqual(CreateContextNames.Lease))
        {
            var isRead = LeaseContext.TryParse(data, out var lease);
            response = response with { Lease = lease };
            return isRead;
        }

        if (!context.Name.SequenceEqual(CreateContextNames.Apple))
            return true;
        var isAnswer = AppleAnswer.TryParse(data, out var apple);
        response = response with { Apple = apple };
        return isAnswer;
    }
}
