using System.Buffers.Binary;

namespace Gateway.FileSystem.Security;

/// <summary>SIDs of the users and groups of a volume: computed, so that there is no table to lose or to fill.</summary>
/// <remarks>
/// A volume is its own account domain, S-1-5-21-a-b-c with a, b and c from the volume's identity. The relative identifier
/// is 1000 + 2·uid for a user and 1001 + 2·gid for a group, the scheme Samba calls algorithmic. Ids too large for it are
/// said as S-1-22-1-uid and S-1-22-2-gid; that form is read for every id.
/// </remarks>
public sealed class SidMap
{
    private const uint FirstRelativeId = 1000;
    private const uint DomainRevision = 21;
    private const uint NtAuthority = 5;

    /// <summary>The largest id whose relative identifier, 1001 + 2·id, still fits.</summary>
    private const uint AlgorithmicMax = (uint.MaxValue - FirstRelativeId - 1) / 2;

    public SidMap(Guid volumeId)
    {
        Span<byte> bytes = stackalloc byte[16];
        volumeId.TryWriteBytes(bytes);

        // The fourth part of a version 4 identifier is as random as the others; folding it in keeps what is random of all.
        Domain = new Sid(
            NtAuthority,
            DomainRevision,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
    }

    /// <summary>The account domain.</summary>
    public Sid Domain { get; }

    public Sid OfUser(uint uid) =>
        uid <= AlgorithmicMax ? Domain.With(FirstRelativeId + (2 * uid)) : WellKnownSids.UnixUsers.With(uid);

    public Sid OfGroup(uint gid) =>
        gid <= AlgorithmicMax ? Domain.With(FirstRelativeId + 1 + (2 * gid)) : WellKnownSids.UnixGroups.With(gid);

    public bool TryUser(Sid sid, out uint uid) => TryRead(sid, WellKnownSids.UnixUsers, 0, out uid);

    public bool TryGroup(Sid sid, out uint gid) => TryRead(sid, WellKnownSids.UnixGroups, 1, out gid);

    private bool TryRead(Sid sid, Sid unixDomain, uint parity, out uint id)
    {
        id = 0;
        if (sid.IsIn(unixDomain))
        {
            id = sid.RelativeId;
            return true;
        }

        if (!sid.IsIn(Domain) || sid.RelativeId < FirstRelativeId || ((sid.RelativeId - FirstRelativeId) & 1) != parity) return false;
        id = (sid.RelativeId - FirstRelativeId) / 2;
        return true;
    }
}
