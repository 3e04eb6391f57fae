using System.Buffers;
using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 ERROR Response, MS-SMB2 2.2.2. In 3.1.1 error data stands in an error context.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 9   2 ErrorContextCount   3 Reserved   4 ByteCount   8 ErrorData, at least one byte
/// error context (2.2.2.1): 0 ErrorDataLength   4 ErrorId   8 ErrorContextData
/// </code>
/// </remarks>
public static class ErrorResponse
{
    public const ushort StructureSize = 9;

    private const int BodyBytes = 8;
    private const int ContextHeadBytes = 8;

    /// <summary>Writes the body, right behind the header.</summary>
    /// <param name="inContext">The dialect is 3.1.1.</param>
    public static void Write(IBufferWriter<byte> target, ReadOnlySpan<byte> data, bool inContext)
    {
        var hasContext = inContext && !data.IsEmpty;
        var byteCount = data.Length + (hasContext ? ContextHeadBytes : 0);
        var bytes = BodyBytes + Math.Max(byteCount, 1);
        var body = target.GetSpan(bytes)[..bytes];
        body.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)byteCount);
        if (hasContext)
        {
            body[2] = 1;
            BinaryPrimitives.WriteUInt32LittleEndian(body[BodyBytes..], (uint)data.Length);
        }

        data.CopyTo(body[(bytes - Math.Max(data.Length, 1))..]);
        target.Advance(bytes);
    }

    public static bool TryParse(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var byteCount = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        if (byteCount > body.Length - BodyBytes) return false;

        data = body.Slice(BodyBytes, (int)byteCount);
        if (body[2] == 0) return true;
        if (data.Length < ContextHeadBytes) return false;

        var length = BinaryPrimitives.ReadUInt32LittleEndian(data);
        data = data[ContextHeadBytes..];
        if (length > data.Length) return false;

        data = data[..(int)length];
        return true;
    }
}
