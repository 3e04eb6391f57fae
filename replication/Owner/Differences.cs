namespace Gateway.Replication.Owner;

/// <summary>Gathers what a verification finds. Any thread.</summary>
internal sealed class Differences
{
    private readonly List<VerifyDifference> _found = [];

    public IReadOnlyList<VerifyDifference> Found
    {
        get
        {
            lock (_found) return [.. _found];
        }
    }

    public void Note(NodePeer peer, string what, string problem) => Note(peer.Node, what, problem);

    /// <param name="place">A node, or what else holds a copy.</param>
    /// <param name="what">The slice or the entry.</param>
    /// <param name="problem">What is wrong with it.</param>
    public void Note(string place, string what, string problem)
    {
        lock (_found)
        {
            var difference = new VerifyDifference(place, what, problem);
            if (_found.Count < VerifyDifference.CountMax && !_found.Contains(difference)) _found.Add(difference);
        }
    }
}
