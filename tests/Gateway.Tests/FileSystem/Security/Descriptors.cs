using Gateway.FileSystem;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem.Security;

/// <summary>Words for descriptors in tests.</summary>
internal static class Descriptors
{
    public const AceFlags Files = AceFlags.ObjectInherit;
    public const AceFlags Directories = AceFlags.ContainerInherit;
    public const AceFlags OneLevel = AceFlags.NoPropagateInherit;
    public const AceFlags ChildrenOnly = AceFlags.InheritOnly;

    public static readonly SidMap Map = new(new Guid("6b1f1f3a-9d52-4c55-8a4f-2d1f0e6c7b11"));

    public static readonly Sid Owner = Map.OfUser(1000);

    public static readonly Sid Group = Map.OfGroup(100);

    public static AccessControlEntry Allow(Sid sid, AccessMask mask, AceFlags flags = AceFlags.None) =>
        new(AceType.AccessAllowed, flags, mask, sid);

    public static AccessControlEntry Deny(Sid sid, AccessMask mask, AceFlags flags = AceFlags.None) =>
        new(AceType.AccessDenied, flags, mask, sid);

    public static SecurityDescriptor With(params AccessControlEntry[] entries) =>
        new() { Owner = Owner, Group = Group, Dacl = new AccessControlList(entries) };

    public static SecurityToken Token(uint uid, uint gid = 100, params uint[] groups) => new(new Caller(uid, gid, groups), Map);
}
