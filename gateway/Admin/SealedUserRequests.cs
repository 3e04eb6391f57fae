using Gateway.Users;

namespace Gateway.Admin;

/// <summary>Answers sealed requests about users.</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class SealedUserRequests(UserDirectory users, AdminSeal seal, TimeProvider time)
{
    private readonly SealedRequests<UserRequest, UserAnswer> _requests = new(
        seal, [], time, UserRequestJson.Default.UserRequest, UserRequestJson.Default.UserAnswer);

    /// <summary>The sealed answer; null for a request that is not to be answered.</summary>
    public Task<byte[]?> AnswerAsync(byte[] message, CancellationToken cancellation) =>
        _requests.AnswerAsync(message, request => UserAdministration.DoAsync(users, request, cancellation));
}
