using System.Buffers.Binary;

namespace Gateway.FileSystem.Security;

/// <summary>An ACE, MS-DTYP 2.4.4. Immutable.</summary>
/// <remarks>
/// <code>
/// 0 AceType | 1 AceFlags | 2 AceSize | 4 Mask | (object types: 8 Flags | ObjectType? | InheritedObjectType?) | Sid | application data
/// </code>
/// An entry of a type that means nothing to a file system is kept as it came, so that what a client wrote is what it
/// reads; only the plain and the object forms of allow and deny are ever asked.
/// </remarks>
public sealed record AccessControlEntry(AceType Type, AceFlags Flags, AccessMask Mask, Sid Sid)
{
    public const int BytesMin = FixedBytes + 8;

    private const int FixedBytes = 8;
    private const int GuidBytes = 16;
    private const uint ObjectTypePresent = 1;
    private const uint InheritedObjectTypePresent = 2;

    /// <summary>Flags of an object entry: which of the two types follow (MS-DTYP 2.4.4.3).</summary>
    public uint ObjectFlags { get; init; }

    public Guid ObjectType { get; init; }

    public Guid InheritedObjectType { get; init; }

    /// <summary>What follows the SID: conditions and attributes that nobody here evaluates.</summary>
    public ReadOnlyMemory<byte> ApplicationData { get; init; }

    /// <summary>Grants <see cref="Mask"/>. A conditional grant is not counted: its condition cannot be evaluated.</summary>
    public bool Allows => Type is AceType.AccessAllowed or AceType.AccessAllowedObject;

    /// <summary>Denies <see cref="Mask"/>; a conditional denial counts as if its condition held.</summary>
    public bool Denies => Type is AceType.AccessDenied or AceType.AccessDeniedObject
        or AceType.AccessDeniedCallback or AceType.AccessDeniedCallbackObject;

    /// <summary>Says something about the object itself and not only about what inherits from it.</summary>
    public bool IsEffective => (Flags & AceFlags.InheritOnly) == 0;

    public bool IsObjectType => Type is (>= AceType.AccessAllowedObject and <= AceType.SystemAlarmObject)
        or AceType.AccessAllowedCallbackObject or AceType.AccessDeniedCallbackObject
        or AceType.SystemAuditCallbackObject or AceType.SystemAlarmCallbackObject;

    public int BinaryLength => FixedBytes + ObjectBytes + Sid.BinaryLength + ApplicationData.Length;

    private int ObjectBytes => !IsObjectType
        ? 0
        : sizeof(uint)
            + ((ObjectFlags & ObjectTypePresent) != 0 ? GuidBytes : 0)
            + ((ObjectFlags & InheritedObjectTypePresent) != 0 ? GuidBytes : 0);

    /// <summary>Reads the entry that <paramref name="input"/> starts with; it may be longer.</summary>
    public static bool TryParse(ReadOnlySpan<byte> input, out AccessControlEntry entry, out int bytes)
    {
        entry = new AccessControlEntry(AceType.AccessDenied, AceFlags.None, AccessMask.None, WellKnownSids.Nobody);
        bytes = 0;
        if (input.Length < BytesMin) return false;

        int size = BinaryPrimitives.ReadUInt16LittleEndian(input[2..]);
        if (size < BytesMin || size > input.Length || size % sizeof(uint) != 0) return false;

        entry = entry with
        {
            Type = (AceType)input[0],
            Flags = (AceFlags)input[1],
            Mask = (AccessMask)BinaryPrimitives.ReadUInt32LittleEndian(input[4..]),
        };
        var rest = input[FixedBytes..size];
        if (entry.IsObjectType && !TryParseObjectTypes(ref rest, ref entry)) return false;
        if (!Sid.TryParse(rest, out var sid, out var sidBytes)) return false;

        entry = entry with { Sid = sid, ApplicationData = rest[sidBytes..].ToArray() };
        bytes = size;
        return true;
    }

    /// <summary>Writes <see cref="BinaryLength"/> bytes and returns their number.</summary>
    public int Write(Span<byte> target)
    {
        var length = BinaryLength;
        target[0] = (byte)Type;
        target[1] = (byte)Flags;
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], (uint)Mask);
        var rest = target[FixedBytes..length];
        if (IsObjectType)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, ObjectFlags);
            rest = rest[sizeof(uint)..];
            if ((ObjectFlags & ObjectTypePresent) != 0) rest = WriteGuid(rest, ObjectType);
            if ((ObjectFlags & InheritedObjectTypePresent) != 0) rest = WriteGuid(rest, InheritedObjectType);
        }

        rest = rest[Sid.Write(rest)..];
        ApplicationData.Span.CopyTo(rest);
        return length;
    }

    public bool Equals(AccessControlEntry? other) =>
        other is not null
        && Type == other.Type
        && Flags == other.Flags
        && Mask == other.Mask
        && Sid.Equals(other.Sid)
        && ObjectFlags == other.ObjectFlags
        && ObjectType == other.ObjectType
        && InheritedObjectType == other.InheritedObjectType
        && ApplicationData.Span.SequenceEqual(other.ApplicationData.Span);

    public override int GetHashCode() => HashCode.Combine(Type, Flags, Mask, Sid, ObjectType);

    private static bool TryParseObjectTypes(ref ReadOnlySpan<byte> rest, ref AccessControlEntry entry)
    {
        if (rest.Length < sizeof(uint)) return false;

        var flags = BinaryPrimitives.ReadUInt32LittleEndian(rest);
        rest = rest[sizeof(uint)..];
        Guid objectType = default, inheritedObjectType = default;
        if ((flags & ObjectTypePresent) != 0 && !TryTakeGuid(ref rest, out objectType)) return false;
        if ((flags & InheritedObjectTypePresent) != 0 && !TryTakeGuid(ref rest, out inheritedObjectType)) return false;

        entry = entry with { ObjectFlags = flags, ObjectType = objectType, InheritedObjectType = inheritedObjectType };
        return true;
    }

    private static bool TryTakeGuid(ref ReadOnlySpan<byte> rest, out Guid guid)
    {
        guid = default;
        if (rest.Length < GuidBytes) return false;
        guid = new Guid(rest[..GuidBytes]);
        rest = rest[GuidBytes..];
        return true;
    }

    private static Span<byte> WriteGuid(Span<byte> target, Guid guid)
    {
        guid.TryWriteBytes(target);
        return target[GuidBytes..];
    }
}
