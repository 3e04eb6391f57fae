using System.CommandLine;
using Gateway.Admin;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>Asks the gateway about users, or its files when it does not run.</summary>
internal sealed class UserQuestions(CommonSettings common, Func<string, string?> environment)
{
    /// <param name="parse">Says which gateway.</param>
    /// <param name="request">What to do.</param>
    /// <param name="write">Shows what came of it; null when there is nothing to show.</param>
    /// <param name="stop">The command is interrupted.</param>
    /// <exception cref="StartException">It was not done, and why.</exception>
    public async Task<int> AskAsync(
        ParseResult parse, UserRequest request, Action<IReadOnlyList<UserReport>>? write, CancellationToken stop)
    {
        var place = common.FindGateway(parse, environment);
        var answer = await AdminClient.TryAskUsersAsync(place.HttpPort, place.Secret, request, stop)
            ?? await OfflineUsers.DoAsync(place.Data, place.Secret, request, stop);
        if (answer.Problem is not null) throw new StartException(answer.Problem);

        write?.Invoke(answer.Users);
        return CommandLine.ExitSuccess;
    }
}
