using Gateway.Replication.Links;

namespace Gateway.Cli;

/// <summary>The gateway that a command asks: where its data is, the port of its administration, and its cluster's secret.</summary>
internal sealed record GatewayPlace(string Data, int HttpPort, ClusterSecret Secret);
