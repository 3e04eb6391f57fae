using System.Buffers.Binary;
using System.Text;

namespace Gateway.Protocol.Smb2;

/// <summary>What the AAPL query asks for, and the answer gives, in this order.</summary>
[Flags]
public enum AppleBitmap : ulong
{
    None = 0,
    ServerCapabilities = 1,
    VolumeCapabilities = 2,
    ModelInfo = 4,
}

/// <summary>Capabilities of client and server in AAPL.</summary>
[Flags]
public enum AppleCapabilities : ulong
{
    None = 0,

    /// <summary>Directory entries carry the Finder's information, fork size, access and mode in fields of theirs.</summary>
    ReadDirectoryAttributes = 1,

    /// <summary>The server copies a file with all its streams.</summary>
    CopyFile = 2,
    UnixBased = 4,
    NfsAccessControlEntries = 8,
}

/// <summary>Capabilities of the volume in AAPL.</summary>
[Flags]
public enum AppleVolumeCapabilities : ulong
{
    None = 0,

    /// <summary>The server opens files by id.</summary>
    ResolveId = 1,
    CaseSensitive = 2,

    /// <summary>FLUSH reaches the medium: what Time Machine wants.</summary>
    FullSync = 4,
}

/// <summary>The AAPL context of a CREATE request: the only command is the query of the server.</summary>
/// <remarks>
/// <code>
///  0 CommandCode 1    4 Reserved    8 RequestBitmap    16 ClientCapabilities
/// </code>
/// Apple documents it in the sources of its SMB client only.
/// </remarks>
public readonly record struct AppleQuery(AppleBitmap Bitmap, AppleCapabilities Client)
{
    public const int Bytes = 24;
    internal const uint ServerQuery = 1;

    public static bool TryParse(ReadOnlySpan<byte> data, out AppleQuery query)
    {
        query = default;
        if (data.Length != Bytes || BinaryPrimitives.ReadUInt32LittleEndian(data) != ServerQuery)
            return false;
        query = new AppleQuery(
            (AppleBitmap)BinaryPrimitives.ReadUInt64LittleEndian(data[8..]),
            (AppleCapabilities)BinaryPrimitives.ReadUInt64LittleEndian(data[16..]));
        return true;
    }

    public void Write(Span<byte> data)
    {
        data[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, ServerQuery);
        BinaryPrimitives.WriteUInt64LittleEndian(data[8..], (ulong)Bitmap);
        BinaryPrimitives.WriteUInt64LittleEndian(data[16..], (ulong)Client);
    }
}

/// <summary>The AAPL context of a CREATE response; a part is there when <see cref="Bitmap"/> names it.</summary>
/// <remarks>
/// <code>
///  0 CommandCode 1    4 Reserved    8 ReplyBitmap
/// 16 ServerCapabilities (8)    VolumeCapabilities (8)    Pad (4)  ModelLength (4)  Model in UTF-16
/// </code>
/// </remarks>
public sealed record AppleAnswer
{
    private const int FixedBytes = 16;

    public required AppleBitmap Bitmap { get; init; }

    public AppleCapabilities Server { get; init; }

    public AppleVolumeCapabilities Volume { get; init; }

    /// <summary>Chooses the icon in the Finder.</summary>
    public string Model { get; init; } = "";

    public int Bytes => FixedBytes
        + (Has(AppleBitmap.ServerCapabilities) ? 8 : 0)
        + (Has(AppleBitmap.VolumeCapabilities) ? 8 : 0)
        + (Has(AppleBitmap.ModelInfo) ? 8 + Encoding.Unicode.GetByteCount(Model) : 0);

    public void Write(Span<byte> data)
    {
        data[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, AppleQuery.ServerQuery);
        BinaryPrimitives.WriteUInt64LittleEndian(data[8..], (ulong)Bitmap);
        var at = data[FixedBytes..];
        if (Has(AppleBitmap.ServerCapabilities))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, (ulong)Server);
            at = at[8..];
        }

        if (Has(AppleBitmap.VolumeCapabilities))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, (ulong)Volume);
            at = at[8..];
        }

        if (Has(AppleBitmap.ModelInfo))
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], Encoding.Unicode.GetBytes(Model, at[8..]));
    }

    public static bool TryParse(ReadOnlySpan<byte> data, out AppleAnswer? answer)
    {
        answer = null;
        if (data.Length < FixedBytes || BinaryPrimitives.ReadUInt32LittleEndian(data) != AppleQuery.ServerQuery)
            return false;
        var bitmap = (AppleBitmap)BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
        var rest = data[FixedBytes..];
        if (!TryTake(ref rest, (bitmap & AppleBitmap.ServerCapabilities) != 0, out var server)
            || !TryTake(ref rest, (bitmap & AppleBitmap.VolumeCapabilities) != 0, out var volume)
            || !TryTake(ref rest, (bitmap & AppleBitmap.ModelInfo) != 0, out var model))
        {
            return false;
        }

        // The length is the upper half of what was taken, behind the padding.
        var modelBytes = (uint)(model >> 32);
        if (modelBytes > rest.Length || (modelBytes & 1) != 0)
            return false;
        answer = new AppleAnswer
        {
            Bitmap = bitmap,
            Server = (AppleCapabilities)server,
            Volume = (AppleVolumeCapabilities)volume,
            Model = Encoding.Unicode.GetString(rest[..(int)modelBytes]),
        };
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, bool present, out ulong value)
    {
        value = 0;
        if (!present)
            return true;
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(rest, out value))
            return false;
        rest = rest[8..];
        return true;
    }

    private bool Has(AppleBitmap part) => (Bitmap & part) != 0;
}
