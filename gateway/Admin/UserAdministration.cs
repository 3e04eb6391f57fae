using Gateway.Replication.Control;
using Gateway.Users;

namespace Gateway.Admin;

/// <summary>Does what <c>nasgate user</c> asks: in the gateway, or in the command itself when no gateway runs.</summary>
internal static class UserAdministration
{
    public static async Task<UserAnswer> DoAsync(UserDirectory users, UserRequest request, CancellationToken cancellation)
    {
        try
        {
            return new UserAnswer(null, await ChangeAsync(users, request, cancellation));
        }
        catch (Exception error) when (error is UserException or ControlPlaneException)
        {
            return new UserAnswer(error.Message, []);
        }
    }

    private static async Task<IReadOnlyList<UserReport>> ChangeAsync(
        UserDirectory users, UserRequest request, CancellationToken cancellation)
    {
        switch (request.Action)
        {
            case UserAction.List:
                return [.. (await users.ListAsync(cancellation)).Select(Report)];
            case UserAction.Add:
                var added = new NewUser(request.Name, request.Password ?? "")
                {
                    Uid = request.Uid,
                    Gid = request.Gid,
                    Groups = request.Groups,
                };
                return [Report(await users.AddAsync(added, cancellation))];
            case UserAction.SetPassword:
                await users.SetPasswordAsync(request.Name, request.Password ?? "", cancellation);
                return [];
            case UserAction.Remove:
                await users.RemoveAsync(request.Name, cancellation);
                return [];
            case UserAction.Disable or UserAction.Enable:
                await users.SetDisabledAsync(request.Name, request.Action == UserAction.Disable, cancellation);
                return [];
            default:
                throw new UserException($"unknown action {request.Action}");
        }
    }

    private static UserReport Report(UserRecord user) => new(user.Name, user.Uid, user.Gid, user.Groups, user.Disabled);
}
