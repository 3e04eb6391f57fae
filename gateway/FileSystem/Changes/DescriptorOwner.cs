using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Changes;

/// <summary>What a descriptor means for those who see owner, group and permission bits only.</summary>
internal readonly record struct DescriptorOwner(uint Uid, uint Gid, uint Mode)
{
    /// <summary>An owner or group that is nobody known to POSIX leaves the one there is.</summary>
    public static DescriptorOwner Of(SecurityDescriptor descriptor, SidMap sids, uint uid, uint gid, bool directory)
    {
        if (descriptor.Owner is { } owner && sids.TryUser(owner, out var user)) uid = user;
        if (descriptor.Group is { } group && sids.TryGroup(group, out var found)) gid = found;
        return new DescriptorOwner(uid, gid, ModeMapping.ToMode(descriptor, sids, uid, gid, directory));
    }
}
