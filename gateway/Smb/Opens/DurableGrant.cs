using Gateway.FileSystem.Security;

namespace Gateway.Smb.Opens;

/// <summary>What makes an open outlive its connection (MS-SMB2 3.3.1.10, IsDurable and what belongs to it).</summary>
/// <param name="Version">1 for DHnQ, 2 for DH2Q: a client comes back by the same version.</param>
/// <param name="Timeout">How long the open waits for its client.</param>
/// <param name="CreateGuid">Version 2: the client's name for the CREATE.</param>
/// <param name="Owner">Only this user gets it back.</param>
internal sealed record DurableGrant(int Version, TimeSpan Timeout, Guid CreateGuid, Sid Owner);
