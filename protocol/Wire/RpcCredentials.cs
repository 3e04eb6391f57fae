using System.Buffers.Binary;
using System.Text;

namespace Gateway.Protocol.Wire;

/// <summary>Who a caller says it is: AUTH_NONE (RFC 5531 §10.1) or AUTH_SYS (Appendix A). Immutable.</summary>
public sealed class RpcCredentials
{
    private readonly uint[] _groups;

    private RpcCredentials(RpcAuthFlavor flavor, uint userId, uint groupId, uint[] groups, string machineName)
    {
        Flavor = flavor;
        UserId = userId;
        GroupId = groupId;
        _groups = groups;
        MachineName = machineName;
    }

    public static RpcCredentials None { get; } = new(RpcAuthFlavor.None, 0, 0, [], "");

    public RpcAuthFlavor Flavor { get; }

    /// <summary>True for AUTH_SYS: only then the ids mean something.</summary>
    public bool HasIds => Flavor == RpcAuthFlavor.Sys;

    public uint UserId { get; }

    public uint GroupId { get; }

    /// <summary>At most <see cref="RpcBounds.GroupsMax"/> supplementary groups, as sent.</summary>
    public ReadOnlySpan<uint> Groups => _groups;

    /// <summary>The caller's name for itself, Latin-1. Nothing may be decided by it but which monitor it means.</summary>
    public string MachineName { get; }

    public static RpcCredentials Sys(uint userId, uint groupId, ReadOnlySpan<uint> groups, string machineName)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups.Length, RpcBounds.GroupsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(machineName.Length, RpcBounds.MachineNameBytesMax);
        return new RpcCredentials(RpcAuthFlavor.Sys, userId, groupId, groups.ToArray(), machineName);
    }

    /// <summary>Parses authsys_parms: stamp, machinename&lt;255&gt;, uid, gid, gids&lt;16&gt;.</summary>
    public static bool TryParseSys(ReadOnlySpan<byte> body, out RpcCredentials credentials)
    {
        credentials = None;
        var reader = new XdrReader(body);
        reader.ReadUInt32();
        var machineName = reader.ReadOpaque(RpcBounds.MachineNameBytesMax);
        var userId = reader.ReadUInt32();
        var groupId = reader.ReadUInt32();
        var count = reader.ReadUInt32();
        if (!reader.Intact || count > RpcBounds.GroupsMax) return false;

        var groups = new uint[count];
        for (var i = 0; i < groups.Length; i++) groups[i] = reader.ReadUInt32();
        if (!reader.Intact || !reader.AtEnd) return false;

        credentials = new RpcCredentials(
            RpcAuthFlavor.Sys, userId, groupId, groups, Encoding.Latin1.GetString(machineName));
        return true;
    }

    /// <summary>Writes the opaque_auth body (without flavor and length); returns its length.</summary>
    public int WriteBody(Span<byte> output)
    {
        if (Flavor == RpcAuthFlavor.None) return 0;

        BinaryPrimitives.WriteUInt32BigEndian(output, 0);
        BinaryPrimitives.WriteUInt32BigEndian(output[4..], (uint)MachineName.Length);
        var padded = (MachineName.Length + 3) & ~3;
        output.Slice(8, padded).Clear();
        Encoding.Latin1.GetBytes(MachineName, output[8..]);
        var rest = output[(8 + padded)..];
        BinaryPrimitives.WriteUInt32BigEndian(rest, UserId);
        BinaryPrimitives.WriteUInt32BigEndian(rest[4..], GroupId);
        BinaryPrimitives.WriteUInt32BigEndian(rest[8..], (uint)_groups.Length);
        for (var i = 0; i < _groups.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(rest[(12 + (4 * i))..], _groups[i]);
        return 20 + padded + (4 * _groups.Length);
    }
}
