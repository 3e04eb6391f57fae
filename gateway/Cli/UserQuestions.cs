using System.CommandLine;
using Gateway.Admin;
using Gateway.Hosting;
using Gateway.Replication.Links;

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
        var sources = SettingSources.Open(parse.GetValue(common.Config), environment);
        var data = Path.GetFullPath(common.Data.Read(parse, sources));
        var port = common.HttpPort.Read(parse, sources);
        var secret = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(common.FindSecretFile(parse, sources, data)));
        var answer = await AdminClient.TryAskUsersAsync(port, secret, request, stop)
            ?? await OfflineUsers.DoAsync(data, secret, request, stop);
        if (answer.Problem is not null) throw new StartException(answer.Problem);

        write?.Invoke(answer.Users);
        return CommandLine.ExitSuccess;
    }
}
