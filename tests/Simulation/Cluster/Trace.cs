using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>What happened in a run: a hash always, text when asked for. Equal seeds have equal hashes.</summary>
internal sealed class Trace(Scheduler scheduler, TextWriter? text)
{
    public ulong Hash { get; private set; } = 14695981039346656037;

    public void Note(string what, ulong first = 0, ulong second = 0, ulong third = 0)
    {
        unchecked
        {
            var hash = Hash ^ (ulong)scheduler.Now;
            hash = (hash * 1099511628211) ^ (ulong)what.Length << 8 ^ what[0];
            hash = (hash * 1099511628211) ^ first;
            hash = (hash * 1099511628211) ^ second;
            Hash = (hash * 1099511628211) ^ third ^ hash >> 29;
        }

        if (text is not null) Write(what, first, second, third);
    }

    /// <summary>A message taken in, for the text only.</summary>
    public void Request(int node, int owner, NodeRequest request)
    {
        if (text is null) return;

        var what = request switch
        {
            AppendRequest append => $"append {append.Previous.Index}/{append.Previous.Epoch} +{append.Entries.Length} "
                + $"commit {append.CommitIndex} start {append.EpochStartIndex} nonce {append.EchoNonce}",
            FetchRequest fetch => $"fetch {fetch.FromIndex}-{fetch.ToIndex}",
            InstallBaseRequest install => $"install base {install.Base.Index}",
            TrimRequest trim => $"trim {trim.UpToIndex} by {trim.CheckpointIndex}",
            _ => request.GetType().Name,
        };
        text.WriteLine($"{scheduler.Now / 1e6,9:F3}   node {node} <- owner {owner}: {what}");
    }

    /// <inheritdoc cref="Request"/>
    public void Reply(int node, int owner, NodeReply reply)
    {
        if (text is null) return;

        var header = reply.Header;
        var what = reply switch
        {
            AppendReply append =>
                $"{(append.Matched ? "matched" : "back to")} {append.Position.Index}/{append.Position.Epoch}",
            NewEpochReply promise =>
                $"promise, last {promise.Last.Index}/{promise.Last.Epoch} base {promise.Base.Index} "
                + $"hint {promise.CommitHint} damaged {promise.Damaged.Count}",
            FetchReply fetched => $"fetched {fetched.FromIndex} +{fetched.Entries.Length} then {fetched.Next}",
            _ => header.Status.ToString(),
        };
        text.WriteLine($"{scheduler.Now / 1e6,9:F3}   owner {owner} <- node {node}: {what}; "
            + $"promised {header.PromisedEpoch} nonce {header.Nonce} "
            + $"limbo {header.Limbo} flushed {header.FlushedIndex}");
    }

    private void Write(string what, ulong first, ulong second, ulong third) =>
        text!.WriteLine($"{scheduler.Now / 1e6,9:F3} {what} {first} {second} {third}");
}
