using Gateway.Replication.Links;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Links.Tls;

/// <summary>Counts how often a link came up.</summary>
internal sealed class LinkCounter : INodeLinkEvents
{
    private int _ups;

    public int Ups => Volatile.Read(ref _ups);

    public void LinkUp(NodeLink link, NodeIdentity identity) => Interlocked.Increment(ref _ups);

    public void LinkDown(NodeLink link)
    {
    }

    public void JournalReplied(NodeLink link, NodeReply reply)
    {
    }

    public async Task UpAsync(int times)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Ups < times) await Task.Delay(5, timeout.Token);
    }
}
