using System.CommandLine;
using Gateway.Cluster;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>The settings of a gateway that may be one of several: who and where it is, and what it makes volumes of.</summary>
internal sealed class MemberSettings
{
    private readonly Setting<string?> _id = new(
        "id", "name in the cluster", "a name of letters, digits, '.', '_' and '-'", null, SettingParsers.NodeId);

    private readonly Setting<int> _replicas = new(
        "replicas", "how many of the registered nodes a new volume gets", "an odd number from 1 to 7", 3, SettingParsers.NodeCount);

    private readonly Setting<string?> _advertise = new(
        "advertise", "where clients reach the gateway, if that is not where it listens", "address or name, with :port or without", null,
        SettingParsers.HostAndMaybePort);

    public IEnumerable<Option> Options => [_id.Option, _replicas.Option, _advertise.Option];

    /// <summary>The options with what these settings say.</summary>
    public GatewayOptions Read(GatewayOptions options, ParseResult parse, SettingSources sources) => options with
    {
        Id = _id.Read(parse, sources),
        Replicas = _replicas.Read(parse, sources),
        Advertise = _advertise.Read(parse, sources) is { } text && HostPort.TryParse(text, options.NfsPort, out var place) ? place : null,
    };
}
