using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>The content of the stream AFP_AfpInfo, in which macOS keeps what the Finder knows of a file.</summary>
/// <remarks>
/// <code>
///  0 Signature "AFP\0"    4 Version    8 Reserved    12 BackupTime    16 FinderInfo (32)    48 ProDosInfo (6)    54 Reserved (6)
/// </code>
/// Apple documents it in the sources of its SMB client only.
/// </remarks>
public static class AfpMetadata
{
    public const int Bytes = 60;

    public const int FinderInfoOffset = 16;

    /// <summary>FinderInfo of a file, all of it; listings show a part (<see cref="Information.AppleDirectoryFields"/>).</summary>
    public const int FinderInfoBytes = 32;

    private const int VersionOffset = 4;
    private const uint Version = 0x00010000;
    private const int BackupTimeOffset = 12;

    /// <summary>The volume was never backed up.</summary>
    private const uint NeverBackedUp = 0x80000000;

    /// <summary>What a write begins with that says anything; the version is not looked at.</summary>
    private static ReadOnlySpan<byte> Signature => "AFP"u8;

    /// <summary>The content of a stream that nobody has written yet.</summary>
    public static void WriteBlank(Span<byte> target)
    {
        target[..Bytes].Clear();
        Signature.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[VersionOffset..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(target[BackupTimeOffset..], NeverBackedUp);
    }

    /// <summary>True for the beginning of such a content.</summary>
    public static bool IsSigned(ReadOnlySpan<byte> content) => content.StartsWith(Signature);

    /// <summary>True for a whole content that tells something: without FinderInfo the stream is taken as not there.</summary>
    public static bool IsTelling(ReadOnlySpan<byte> content) =>
        content.Length == Bytes
        && IsSigned(content)
        && content.Slice(FinderInfoOffset, FinderInfoBytes).ContainsAnyExcept((byte)0);
}
