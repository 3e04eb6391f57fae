using System.CommandLine;
using Gateway.Admin;
using Gateway.Hosting;

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
        var place = common.FindGateway(parse, environment);
        var answer = await AdminClient.ChangeNodesAsync(place.HttpPort, place.Secret, request, stop);
        if (answer.Problem is not null) throw new StartException(answer.Problem);

        while (waits)
        {
            var status = await AdminClient.GetStatusAsync(place.HttpPort, stop);
            var volume = status.Volumes.FirstOrDefault(volume => volume.Name == request.Volume);
            if (volume?.Change is null) break;
            await Task.Delay(PollPause, stop);
        }

        return CommandLine.ExitSuccess;
    }
}
