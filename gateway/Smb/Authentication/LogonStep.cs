using Gateway.Protocol.Smb2;
using Gateway.Users;

namespace Gateway.Smb.Authentication;

/// <summary>What the server answers to one token of a client.</summary>
/// <param name="Status">Success, MoreProcessingRequired, or why not.</param>
/// <param name="Token">For the client; empty with a failure.</param>
/// <param name="User">With success.</param>
/// <param name="SessionKey">With success: 16 bytes.</param>
internal readonly record struct LogonStep(NtStatus Status, byte[] Token, AuthenticatedUser? User, byte[] SessionKey)
{
    public static LogonStep More(byte[] token) => new(NtStatus.MoreProcessingRequired, token, null, []);

    public static LogonStep Failed(NtStatus status) => new(status, [], null, []);
}
