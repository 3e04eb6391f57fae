namespace Gateway.FileSystem;

/// <summary>
/// An extended attribute (MS-FSCC 2.4.16). Names are 1 to 255 bytes and equal without regard to the case of ASCII
/// letters; the spelling of the first one is kept. Setting an empty value removes the attribute.
/// </summary>
public sealed record ExtendedAttribute(byte Flags, ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value);

public readonly record struct ExtendedAttributesResult(FileStatus Status, IReadOnlyList<ExtendedAttribute> Attributes);
