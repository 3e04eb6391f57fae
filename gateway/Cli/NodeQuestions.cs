using System.CommandLine;
using Gateway.Admin;
using Gateway.Hosting;
using Gateway.Replication.Links;

namespace Gateway.Cli;

/// <summary>Asks the gateway that owns a volume to change its members.</summary>
internal sealed class NodeQuestions(CommonSettings common, Func<string, string?> environment)
{
    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(500);

    /// <param name="parse">Says which gateway.</param>
    /// <param name="request">What to do.</param>
    /// <param name="waits">Until it is done.</param>
    /// <param name="stop">The command is interrupted.</param>
    /// <exception cref="StartException">It is not done, and why.</exception>
    public async Task<int> AskAsync(ParseResult parse, NodeChangeRequest request, bool waits, CancellationToken stop)
    {
        var sources = SettingSources.Open(parse.GetValue(common.Config), environment);
        var data = Path.GetFullPath(common.Data.Read(parse, sources));
        var port = common.HttpPort.Read(parse, sources);
        var secret = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(common.FindSecretFile(parse, sources, data)));
        var answer = await AdminClient.ChangeNodesAsync(port, secret, request, stop);
        if (answer.Problem is not null) throw new StartException(answer.Problem);

        while (waits)
        {
            var status = await AdminClient.GetStatusAsync(port, stop);
            var volume = status.Volumes.FirstOrDefault(volume => volume.Name == request.Volume);
            if (volume?.Change is null) break;
            await Task.Delay(PollPause, stop);
        }

        return CommandLine.ExitSuccess;
    }
}
