using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Flags of the second version of durable handles, MS-SMB2 2.2.13.2.11.</summary>
[Flags]
public enum DurableFlags : uint
{
    None = 0,

    /// <summary>SMB2_DHANDLE_FLAG_PERSISTENT.</summary>
    Persistent = 2,
}

/// <summary>SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2, MS-SMB2 2.2.13.2.11.</summary>
/// <remarks>
/// <code>
///  0 Timeout (ms)    4 Flags    8 Reserved    16 CreateGuid (16)
/// </code>
/// </remarks>
public readonly record struct DurableRequestV2(uint TimeoutMilliseconds, DurableFlags Flags, Guid CreateGuid)
{
    public const int Bytes = 32;

    public static bool TryParse(ReadOnlySpan<byte> data, out DurableRequestV2 request)
    {
        request = default;
        if (data.Length != Bytes)
            return false;
        request = new DurableRequestV2(
            BinaryPrimitives.ReadUInt32LittleEndian(data),
            (DurableFlags)BinaryPrimitives.ReadUInt32LittleEndian(data[4..]),
            new Guid(data[16..]));
        return true;
    }

    public void Write(Span<byte> data)
    {
        data[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, TimeoutMilliseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], (uint)Flags);
        CreateGuid.TryWriteBytes(data[16..]);
    }
}

/// <summary>SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2, MS-SMB2 2.2.13.2.12.</summary>
/// <remarks>
/// <code>
///  0 FileId (16)    16 CreateGuid (16)    32 Flags
/// </code>
/// </remarks>
public readonly record struct DurableReconnectV2(FileId File, Guid CreateGuid, DurableFlags Flags)
{
    public const int Bytes = 36;

    public static bool TryParse(ReadOnlySpan<byte> data, out DurableReconnectV2 reconnect)
    {
        reconnect = default;
        if (data.Length != Bytes)
            return false;
        reconnect = new DurableReconnectV2(
            FileId.Read(data),
            new Guid(data.Slice(16, 16)),
            (DurableFlags)BinaryPrimitives.ReadUInt32LittleEndian(data[32..]));
        return true;
    }

    public void Write(Span<byte> data)
    {
        var file = File;
        file.Write(data);
        CreateGuid.TryWriteBytes(data[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(data[32..], (uint)Flags);
    }
}

/// <summary>SMB2_CREATE_DURABLE_HANDLE_RESPONSE_V2, MS-SMB2 2.2.14.2.12.</summary>
public readonly record struct DurableGrantV2(uint TimeoutMilliseconds, DurableFlags Flags)
{
    public const int Bytes = 8;

    public static bool TryParse(ReadOnlySpan<byte> data, out DurableGrantV2 grant)
    {
        grant = default;
        if (data.Length != Bytes)
            return false;
        grant = new DurableGrantV2(
            BinaryPrimitives.ReadUInt32LittleEndian(data), (DurableFlags)BinaryPrimitives.ReadUInt32LittleEndian(data[4..]));
        return true;
    }

    public void Write(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(data, TimeoutMilliseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], (uint)Flags);
    }
}
