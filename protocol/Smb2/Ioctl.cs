using System.Buffers.Binary;
using Gateway.Protocol.Smb2.FileControl;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 IOCTL Request, MS-SMB2 2.2.31. A view of the message.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 57    2 Reserved      4 CtlCode        8 FileId (16)
/// 24 InputOffset        28 InputCount   32 MaxInputResponse
/// 36 OutputOffset       40 OutputCount  44 MaxOutputResponse
/// 48 Flags              52 Reserved2    56 Buffer
/// </code>
/// </remarks>
public readonly ref struct IoctlRequest
{
    public const ushort StructureSize = 57;

    /// <summary>Bytes of the body before the buffer.</summary>
    public const int BodyBytes = 56;

    private const uint FileSystemControlFlag = 1;

    public required FileControlCode Code { get; init; }

    public required FileId FileId { get; init; }

    public ReadOnlySpan<byte> Input { get; init; }

    /// <summary>Where the input begins, from the start of the header.</summary>
    public int InputOffset { get; init; }

    /// <summary>Of no use to any FSCTL; counts for the credits.</summary>
    public int OutputCount { get; init; }

    public uint MaxInputResponse { get; init; }

    public uint MaxOutputResponse { get; init; }

    /// <summary>SMB2_0_IOCTL_IS_FSCTL; anything else is a device control, which no server has.</summary>
    public bool IsFileSystemControl { get; init; }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out IoctlRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var inputOffset = BinaryPrimitives.ReadUInt32LittleEndian(body[24..]);
        var inputCount = BinaryPrimitives.ReadUInt32LittleEndian(body[28..]);
        var outputOffset = BinaryPrimitives.ReadUInt32LittleEndian(body[36..]);
        var outputCount = BinaryPrimitives.ReadUInt32LittleEndian(body[40..]);
        if (!MessageBody.TrySlice(message, BodyBytes, inputOffset, inputCount, out var input)
            || !MessageBody.TrySlice(message, BodyBytes, outputOffset, outputCount, out _)
            || (inputCount > 0 && outputCount > 0 && outputOffset < (ulong)inputOffset + inputCount))
        {
            return false;
        }

        request = new IoctlRequest
        {
            Code = (FileControlCode)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            FileId = FileId.Read(body[8..]),
            Input = input,
            InputOffset = input.IsEmpty ? Smb2Header.Bytes + BodyBytes : (int)inputOffset,
            OutputCount = (int)outputCount,
            MaxInputResponse = BinaryPrimitives.ReadUInt32LittleEndian(body[32..]),
            MaxOutputResponse = BinaryPrimitives.ReadUInt32LittleEndian(body[44..]),
            IsFileSystemControl = BinaryPrimitives.ReadUInt32LittleEndian(body[48..]) == FileSystemControlFlag,
        };
        return true;
    }

    /// <summary>Writes the body and the input behind it; gives their length.</summary>
    public int Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)Code);
        FileId.Write(body[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[28..], (uint)Input.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], MaxInputResponse);
        BinaryPrimitives.WriteUInt32LittleEndian(body[44..], MaxOutputResponse);
        BinaryPrimitives.WriteUInt32LittleEndian(body[48..], IsFileSystemControl ? FileSystemControlFlag : 0);
        Input.CopyTo(body[BodyBytes..]);
        return BodyBytes + Input.Length;
    }
}

/// <summary>SMB2 IOCTL Response, MS-SMB2 2.2.32: a head with the output behind it. The input is never sent back.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 49    2 Reserved      4 CtlCode        8 FileId (16)
/// 24 InputOffset        28 InputCount   32 OutputOffset  36 OutputCount   40 Flags   44 Reserved2   48 Buffer
/// </code>
/// </remarks>
public static class IoctlResponse
{
    public const ushort StructureSize = 49;

    /// <summary>Bytes of the body before the output.</summary>
    public const int BodyBytes = 48;

    /// <param name="body">Room for the head and the padding.</param>
    /// <param name="code">As asked.</param>
    /// <param name="file">As asked.</param>
    /// <param name="outputBytes">Bytes of output behind the padding.</param>
    /// <param name="padding">Zeros between head and output.</param>
    public static void WriteHead(Span<byte> body, FileControlCode code, FileId file, int outputBytes, int padding = 0)
    {
        body[..(BodyBytes + padding)].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)code);
        file.Write(body[8..]);
        var offset = (uint)(Smb2Header.Bytes + BodyBytes + padding);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], (uint)outputBytes);
    }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out FileControlCode code, out ReadOnlySpan<byte> output)
    {
        code = default;
        output = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        code = (FileControlCode)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(body[32..]);
        return MessageBody.TrySlice(message, BodyBytes, offset, BinaryPrimitives.ReadUInt32LittleEndian(body[36..]), out output);
    }
}
