using Gateway.FileSystem.Security;

namespace Gateway.Smb.Opens;

/// <summary>What makes an open outlive its connection (MS-SMB2 3.3.1.10, IsDurable and what belongs to it).</summary>
/// <param name="Version">1 for DHnQ, 2 for DH2Q: a client comes back by the same version.</param>
/// <param name="Timeout">How long the open waits for its client.</param>
/// <param name="CreateGuid">Version 2: the client's name for the CREATE.</param>
/// <param name="Owner">Only this user gets it back.</param>
/// <param name="IsPersistent">The open is a row of the volume, and waits for its client whatever it caches (MS-SMB2 3.3.5.9.10).</param>
internal sealed record DurableGrant(int Version, TimeSpan Timeout, Guid CreateGuid, Sid Owner, bool IsPersistent = false);
