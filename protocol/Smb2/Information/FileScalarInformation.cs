using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>
/// The classes that are a single number, by their sizes: Internal (MS-FSCC 2.4.22), Ea (2.4.13), Access (2.4.1),
/// Position (2.4.35), Mode (2.4.26), Alignment (2.4.3), Allocation (2.4.4), EndOfFile (2.4.14), ValidDataLength (2.4.49).
/// </summary>
public static class FileScalarInformation
{
    /// <summary>Ea, Access, Mode, Alignment.</summary>
    public const int ShortBytes = 4;

    /// <summary>Internal, Position, Allocation, EndOfFile, ValidDataLength.</summary>
    public const int LongBytes = 8;

    public static bool TryParse(ReadOnlySpan<byte> buffer, out uint value) =>
        BinaryPrimitives.TryReadUInt32LittleEndian(buffer, out value);

    public static bool TryParse(ReadOnlySpan<byte> buffer, out long value) =>
        BinaryPrimitives.TryReadInt64LittleEndian(buffer, out value);
}
