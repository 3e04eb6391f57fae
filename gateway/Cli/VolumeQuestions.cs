using System.CommandLine;
using Gateway.Admin;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>Asks a gateway about volumes.</summary>
internal sealed class VolumeQuestions(CommonSettings common, Func<string, string?> environment)
{
    /// <param name="parse">Says which gateway.</param>
    /// <param name="request">What to do.</param>
    /// <param name="stop">The command is interrupted.</param>
    /// <exception cref="StartException">It was not done, and why.</exception>
    public async Task AskAsync(ParseResult parse, VolumeRequest request, CancellationToken stop)
    {
        var place = common.FindGateway(parse, environment);
        var answer = await AdminClient.ChangeVolumesAsync(place.HttpPort, place.Secret, request, stop);
        if (answer.Problem is not null) throw new StartException(answer.Problem);
    }
}
