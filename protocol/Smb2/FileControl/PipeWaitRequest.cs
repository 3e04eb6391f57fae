using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>FSCTL_PIPE_WAIT Request, MS-FSCC 2.3.49. A view of the input.</summary>
/// <remarks>
/// <code>
/// 0 Timeout (100 ns)   8 NameLength   12 TimeoutSpecified   13 Padding   14 Name
/// </code>
/// </remarks>
public readonly ref struct PipeWaitRequest
{
    private const int FixedBytes = 14;

    /// <summary>In units of 100 ns; null for the pipe's own.</summary>
    public long? Timeout { get; init; }

    /// <summary>UTF-16, without a leading backslash.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> input, out PipeWaitRequest request)
    {
        request = default;
        if (input.Length < FixedBytes) return false;

        var nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(input[8..]);
        if (nameBytes > input.Length - FixedBytes || nameBytes % sizeof(char) != 0) return false;

        request = new PipeWaitRequest
        {
            Timeout = input[12] != 0 ? BinaryPrimitives.ReadInt64LittleEndian(input) : null,
            Name = input.Slice(FixedBytes, (int)nameBytes),
        };
        return true;
    }

    /// <summary>Writes an input; gives its length.</summary>
    public int Write(Span<byte> input)
    {
        input[..FixedBytes].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(input, Timeout ?? 0);
        BinaryPrimitives.WriteUInt32LittleEndian(input[8..], (uint)Name.Length);
        input[12] = Timeout is null ? (byte)0 : (byte)1;
        Name.CopyTo(input[FixedBytes..]);
        return FixedBytes + Name.Length;
    }
}
