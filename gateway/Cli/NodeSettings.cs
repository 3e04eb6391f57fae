using System.CommandLine;
using Gateway.Replication.Quorum;

namespace Gateway.Cli;

/// <summary>The settings of the nodes that a gateway works with: its own, of <c>up</c>, or those of elsewhere, of <c>serve</c>.</summary>
internal sealed class NodeSettings
{
    private readonly Setting<int> _count = new(
        "nodes", "how many backend nodes, an odd number", "an odd number from 1 to 7", 3, SettingParsers.NodeCount);

    private readonly Setting<bool> _witness = new(
        "witness", "the last node is a witness: it votes, and keeps the journal but no content", "true or false", false,
        SettingParsers.Flag);

    private readonly Setting<IReadOnlyList<NodeEndPoint>> _nodes = new(
        "nodes",
        "the backend nodes; /witness follows the address of one that votes, and keeps the journal but no content",
        "id=address:port,id=address:port/witness,… with distinct ids and addresses",
        [],
        SettingParsers.Nodes);

    /// <summary>Options of <c>up</c>.</summary>
    public IEnumerable<Option> OwnOptions => [_count.Option, _witness.Option];

    /// <summary>Options of <c>serve</c>.</summary>
    public IEnumerable<Option> ElsewhereOptions => [_nodes.Option];

    /// <summary>How many nodes <c>up</c> starts, and whether the last of them is a witness.</summary>
    /// <exception cref="SettingException">Too few would be left for content.</exception>
    public (int Count, bool Witness) ReadOwn(ParseResult parse, SettingSources sources)
    {
        var (count, witness) = (_count.Read(parse, sources), _witness.Read(parse, sources));
        if (witness) RefuseUnsound("--witness", count, 1);
        return (count, witness);
    }

    /// <summary>The nodes that <c>serve</c> is told; none when it is told none.</summary>
    /// <exception cref="SettingException">Too few are for content.</exception>
    public IReadOnlyList<NodeEndPoint> ReadElsewhere(ParseResult parse, SettingSources sources)
    {
        var nodes = _nodes.Read(parse, sources);
        if (nodes.Count > 0) RefuseUnsound("--nodes", nodes.Count, nodes.Count(node => node.Witness));
        return nodes;
    }

    private static void RefuseUnsound(string option, int nodes, int witnesses)
    {
        if (!QuorumRule.HasEnoughData(nodes, nodes - witnesses))
        {
            throw new SettingException(
                $"{option}: {witnesses} of {nodes} nodes are too many witnesses; one of three, two of five or three of seven can be");
        }
    }
}
