using System.Buffers.Binary;

namespace Gateway.FileSystem.Security;

/// <summary>A security descriptor, MS-DTYP 2.4.6: who owns an object and who may do what with it. Immutable.</summary>
/// <remarks>
/// <code>
/// 0 Revision=1 | 1 Sbz1 | 2 Control | 4 OffsetOwner | 8 OffsetGroup | 12 OffsetSacl | 16 OffsetDacl | the parts, in any order
/// </code>
/// </remarks>
public sealed record SecurityDescriptor
{
    /// <summary>Larger ones are refused: two lists of the largest size, two identifiers and the header.</summary>
    public const int BytesMax = HeaderBytes + (2 * Sid.BytesMax) + (2 * AccessControlList.BytesMax);

    private const int HeaderBytes = 20;
    private const byte Revision = 1;

    private const SecurityControl DaclBits = SecurityControl.DaclPresent | SecurityControl.DaclDefaulted | SecurityControl.DaclTrusted
        | SecurityControl.DaclInheritanceRequired | SecurityControl.DaclAutoInherited | SecurityControl.DaclProtected;

    private const SecurityControl SaclBits = SecurityControl.SaclPresent | SecurityControl.SaclDefaulted
        | SecurityControl.SaclInheritanceRequired | SecurityControl.SaclAutoInherited | SecurityControl.SaclProtected;

    private const SecurityInformation SaclParts =
        SecurityInformation.Sacl | SecurityInformation.Label | SecurityInformation.Attribute | SecurityInformation.Scope;

    public Sid? Owner { get; init; }

    /// <summary>The primary group: never asked by the access check, but it is what POSIX calls the group.</summary>
    public Sid? Group { get; init; }

    /// <summary>Null grants everything to everybody, whether the part is absent or there and without a list.</summary>
    public AccessControlList? Dacl { get; init; }

    /// <summary>What is audited: kept and given back, nothing is written to a log because of it.</summary>
    public AccessControlList? Sacl { get; init; }

    public SecurityControl Control { get; init; } = SecurityControl.SelfRelative | SecurityControl.DaclPresent;

    /// <summary>
    /// Made of permission bits by <see cref="ModeMapping"/>: nothing of it is stored, and children get permission bits too.
    /// </summary>
    public bool IsFromMode { get; init; }

    /// <summary>
    /// Whoever may read it may execute it. So with a file that has permission bits only: programs that came over NFS without the
    /// execute bit start from a mapped drive nevertheless, and who can read a program can run a copy of it anyway.
    /// </summary>
    internal bool IsExecutableByReaders { get; init; }

    public bool HasDacl => (Control & SecurityControl.DaclPresent) != 0;

    public bool HasSacl => (Control & SecurityControl.SaclPresent) != 0;

    /// <summary>Reads the self-relative form; false when anything lies outside of <paramref name="input"/> or is malformed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> input, out SecurityDescriptor descriptor)
    {
        descriptor = new SecurityDescriptor();
        if (input.Length is < HeaderBytes or > BytesMax || input[0] != Revision) return false;

        var control = (SecurityControl)BinaryPrimitives.ReadUInt16LittleEndian(input[2..]);
        if (!TryParseSid(input, 4, out var owner) || !TryParseSid(input, 8, out var group)) return false;

        AccessControlList? sacl = null, dacl = null;
        if (control.HasFlag(SecurityControl.SaclPresent) && !TryParseList(input, 12, out sacl)) return false;
        if (control.HasFlag(SecurityControl.DaclPresent) && !TryParseList(input, 16, out dacl)) return false;

        descriptor = new SecurityDescriptor
        {
            Owner = owner,
            Group = group,
            Sacl = sacl,
            Dacl = dacl,
            Control = control | SecurityControl.SelfRelative,
        };
        return true;
    }

    /// <summary>The self-relative form of the parts asked for; the control bits of the other parts are left out with them.</summary>
    public byte[] ToBytes(SecurityInformation which = SecurityInformation.All)
    {
        var owner = (which & SecurityInformation.Owner) != 0 ? Owner : null;
        var group = (which & SecurityInformation.Group) != 0 ? Group : null;
        var sacl = (which & SaclParts) != 0 ? Sacl : null;
        var dacl = (which & SecurityInformation.Dacl) != 0 ? Dacl : null;
        var control = Control | SecurityControl.SelfRelative;
        if (!which.HasFlag(SecurityInformation.Dacl)) control &= ~DaclBits;
        if ((which & SaclParts) == 0) control &= ~SaclBits;

        return Write(control, owner, group, sacl, dacl);
    }

    /// <summary>This descriptor after a client set the parts <paramref name="which"/> of <paramref name="given"/>.</summary>
    /// <remarks>
    /// A part that is announced but not there changes nothing, but for the DACL: without one nothing is forbidden any more, as
    /// Windows and Samba have it. Generic bits of entries become the rights they stand for.
    /// SE_DACL_AUTO_INHERITED is kept only when the client also says SE_DACL_AUTO_INHERIT_REQ: that is how a client that
    /// maintains inheritance tells itself from one that writes back what it once read (MS-DTYP 2.5.3.4.1).
    /// </remarks>
    public SecurityDescriptor With(SecurityDescriptor given, SecurityInformation which)
    {
        var updated = this with { IsFromMode = false, IsExecutableByReaders = false };
        if (which.HasFlag(SecurityInformation.Owner) && given.Owner is not null) updated = updated with { Owner = given.Owner };
        if (which.HasFlag(SecurityInformation.Group) && given.Group is not null) updated = updated with { Group = given.Group };
        if (which.HasFlag(SecurityInformation.Dacl))
        {
            updated = updated with
            {
                Dacl = given.Dacl?.Select(AccessCheck.MapGeneric),
                Control = (updated.Control & ~DaclBits) | StoredDaclBits(given.Control, which),
            };
        }

        if (which.HasFlag(SecurityInformation.Sacl) && given.HasSacl)
        {
            updated = updated with
            {
                Sacl = given.Sacl?.Select(AccessCheck.MapGeneric),
                Control = (updated.Control & ~SaclBits) | StoredSaclBits(given.Control, which),
            };
        }

        return updated;
    }

    /// <summary>
    /// With what lets <see cref="With"/> keep the mark that the list was inherited, which it otherwise takes for a request
    /// only (MS-DTYP 2.5.3.4.2).
    /// </summary>
    public SecurityDescriptor KeepingAutoInherited()
    {
        var control = Control;
        if ((control & SecurityControl.DaclAutoInherited) != 0) control |= SecurityControl.DaclInheritanceRequired;
        if ((control & SecurityControl.SaclAutoInherited) != 0) control |= SecurityControl.SaclInheritanceRequired;
        return this with { Control = control };
    }

    /// <summary>Puts the rights that generic bits stand for into the entries of a descriptor given at creation.</summary>
    internal SecurityDescriptor Canonical() =>
        new SecurityDescriptor { Control = SecurityControl.SelfRelative }.With(
            this, HasDacl ? SecurityInformation.All : SecurityInformation.All & ~SecurityInformation.Dacl);

    private static byte[] Write(SecurityControl control, Sid? owner, Sid? group, AccessControlList? sacl, AccessControlList? dacl)
    {
        var bytes = new byte[HeaderBytes
            + (owner?.BinaryLength ?? 0) + (group?.BinaryLength ?? 0) + (sacl?.BinaryLength ?? 0) + (dacl?.BinaryLength ?? 0)];
        bytes[0] = Revision;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)control);
        var position = HeaderBytes;
        if (owner is not null) position += owner.Write(Part(bytes, 4, position));
        if (group is not null) position += group.Write(Part(bytes, 8, position));
        if (sacl is not null) position += sacl.Write(Part(bytes, 12, position));
        if (dacl is not null) dacl.Write(Part(bytes, 16, position));
        return bytes;
    }

    private static SecurityControl StoredDaclBits(SecurityControl given, SecurityInformation which)
    {
        const SecurityControl Both = SecurityControl.DaclAutoInherited | SecurityControl.DaclInheritanceRequired;
        var stored = SecurityControl.DaclPresent | (given & SecurityControl.DaclProtected);
        if ((given & Both) == Both) stored |= SecurityControl.DaclAutoInherited;
        if (which.HasFlag(SecurityInformation.ProtectedDacl)) stored |= SecurityControl.DaclProtected;
        if (which.HasFlag(SecurityInformation.UnprotectedDacl)) stored &= ~SecurityControl.DaclProtected;
        return stored;
    }

    private static SecurityControl StoredSaclBits(SecurityControl given, SecurityInformation which)
    {
        const SecurityControl Both = SecurityControl.SaclAutoInherited | SecurityControl.SaclInheritanceRequired;
        var stored = SecurityControl.SaclPresent | (given & SecurityControl.SaclProtected);
        if ((given & Both) == Both) stored |= SecurityControl.SaclAutoInherited;
        if (which.HasFlag(SecurityInformation.ProtectedSacl)) stored |= SecurityControl.SaclProtected;
        if (which.HasFlag(SecurityInformation.UnprotectedSacl)) stored &= ~SecurityControl.SaclProtected;
        return stored;
    }

    private static bool TryParseSid(ReadOnlySpan<byte> input, int field, out Sid? sid)
    {
        sid = null;
        if (!TryFind(input, field, out var part)) return false;
        if (part.IsEmpty) return true;
        var parsed = Sid.TryParse(part, out var found, out _);
        sid = parsed ? found : null;
        return parsed;
    }

    private static bool TryParseList(ReadOnlySpan<byte> input, int field, out AccessControlList? list)
    {
        list = null;
        if (!TryFind(input, field, out var part)) return false;
        if (part.IsEmpty) return true;
        var parsed = AccessControlList.TryParse(part, out var found);
        list = parsed ? found : null;
        return parsed;
    }

    /// <summary>The input from the offset in the header on; empty when the offset is 0, which means that the part is not there.</summary>
    private static bool TryFind(ReadOnlySpan<byte> input, int field, out ReadOnlySpan<byte> part)
    {
        part = default;
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(input[field..]);
        if (offset == 0) return true;
        if (offset < HeaderBytes || offset >= (uint)input.Length) return false;
        part = input[(int)offset..];
        return true;
    }

    private static Span<byte> Part(byte[] bytes, int field, int position)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(field), (uint)position);
        return bytes.AsSpan(position);
    }
}
