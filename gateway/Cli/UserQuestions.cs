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
        var secret = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(SecretFile(parse, sources, data)));
        var answer = await AdminClient.TryAskUsersAsync(port, secret, request, stop)
            ?? await OfflineUsers.DoAsync(data, secret, request, stop);
        if (answer.Problem is not null) throw new StartException(answer.Problem);

        write?.Invoke(answer.Users);
        return CommandLine.ExitSuccess;
    }

    // As `up` and `serve` choose it, except that none is made: it would be another than the gateway's.
    private string SecretFile(ParseResult parse, SettingSources sources, string data)
    {
        var file = Path.GetFullPath(common.SecretFile.Read(parse, sources));
        var ownFile = Path.Combine(data, "secret");
        if (!common.SecretFile.IsSet(parse, sources) && File.Exists(ownFile)) file = ownFile;

        return File.Exists(file)
            ? file
            : throw new StartException(
                $"there is no gateway's secret at {file}: start the gateway first, or name --data or --secret-file");
    }
}
