using Gateway.Protocol.Smb2;
using Gateway.Users;

namespace Gateway.Smb.Authentication;

/// <summary>What came of an attempt. User and key are there with success.</summary>
internal readonly record struct LogonResult(NtStatus Status, AuthenticatedUser? User, byte[] SessionKey);
