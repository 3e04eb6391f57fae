using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>SRV_COPYCHUNK, MS-SMB2 2.2.31.1.1.</summary>
public readonly record struct CopyChunk(ulong SourceOffset, ulong TargetOffset, uint Length)
{
    public const int Bytes = 24;

    /// <summary>Reads 24 bytes; the caller has checked that they are there.</summary>
    public static CopyChunk Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(source),
        BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[16..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, SourceOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], TargetOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], 0);
    }
}

/// <summary>SRV_COPYCHUNK_COPY, MS-SMB2 2.2.31.1. A view of the input.</summary>
/// <remarks>
/// <code>
/// 0 SourceKey (24)   24 ChunkCount   28 Reserved   32 Chunks (24 bytes each)
/// </code>
/// </remarks>
public readonly ref struct CopyChunkRequest
{
    public const int KeyBytes = 24;

    private const int FixedBytes = 32;

    private readonly ReadOnlySpan<byte> _chunks;

    private CopyChunkRequest(ReadOnlySpan<byte> chunks) => _chunks = chunks;

    /// <summary>The resume key of the source.</summary>
    public ReadOnlySpan<byte> SourceKey { get; private init; }

    public int Count => _chunks.Length / CopyChunk.Bytes;

    public CopyChunk this[int index] => CopyChunk.Read(_chunks[(index * CopyChunk.Bytes)..]);

    public static bool TryParse(ReadOnlySpan<byte> input, out CopyChunkRequest request)
    {
        request = default;
        if (input.Length < FixedBytes) return false;

        var chunksBytes = BinaryPrimitives.ReadUInt32LittleEndian(input[KeyBytes..]) * (long)CopyChunk.Bytes;
        if (chunksBytes > input.Length - FixedBytes) return false;

        request = new CopyChunkRequest(input.Slice(FixedBytes, (int)chunksBytes)) { SourceKey = input[..KeyBytes] };
        return true;
    }

    public CopyChunk[] ToArray()
    {
        var chunks = new CopyChunk[Count];
        for (var index = 0; index < chunks.Length; index++) chunks[index] = this[index];
        return chunks;
    }

    /// <summary>Writes an input; gives its length.</summary>
    public static int Write(Span<byte> input, ReadOnlySpan<byte> sourceKey, ReadOnlySpan<CopyChunk> chunks)
    {
        input[..FixedBytes].Clear();
        sourceKey.CopyTo(input);
        BinaryPrimitives.WriteUInt32LittleEndian(input[KeyBytes..], (uint)chunks.Length);
        for (var index = 0; index < chunks.Length; index++) chunks[index].Write(input[(FixedBytes + index * CopyChunk.Bytes)..]);
        return FixedBytes + chunks.Length * CopyChunk.Bytes;
    }
}

/// <summary>SRV_COPYCHUNK_RESPONSE, MS-SMB2 2.2.32.1. With INVALID_PARAMETER it says the server's limits.</summary>
public readonly record struct CopyChunkResponse(uint ChunksWritten, uint ChunkBytesWritten, uint TotalBytesWritten)
{
    public const int Bytes = 12;

    public static bool TryParse(ReadOnlySpan<byte> output, out CopyChunkResponse response)
    {
        response = default;
        if (output.Length < Bytes) return false;

        response = new CopyChunkResponse(
            BinaryPrimitives.ReadUInt32LittleEndian(output),
            BinaryPrimitives.ReadUInt32LittleEndian(output[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(output[8..]));
        return true;
    }

    public void Write(Span<byte> output)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output, ChunksWritten);
        BinaryPrimitives.WriteUInt32LittleEndian(output[4..], ChunkBytesWritten);
        BinaryPrimitives.WriteUInt32LittleEndian(output[8..], TotalBytesWritten);
    }
}

/// <summary>SRV_REQUEST_RESUME_KEY Response, MS-SMB2 2.2.32.3: the key and an empty context, of which four bytes are sent.</summary>
public static class ResumeKeyResponse
{
    public const int Bytes = 32;

    public static void Write(Span<byte> output, ReadOnlySpan<byte> key)
    {
        output[..Bytes].Clear();
        key.CopyTo(output);
    }

    public static bool TryParse(ReadOnlySpan<byte> output, out ReadOnlySpan<byte> key)
    {
        key = default;
        if (output.Length < CopyChunkRequest.KeyBytes + sizeof(uint)) return false;
        key = output[..CopyChunkRequest.KeyBytes];
        return true;
    }
}
