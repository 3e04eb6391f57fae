using Gateway.Lab.Scenarios.Histories;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>Clients of NFS and SMB at the same files, each with a record of what it was told.</summary>
internal sealed class ScenarioLoad : IDisposable
{
    public const int NfsClients = 3;
    public const int SmbClients = 2;
    public const int Clients = NfsClients + SmbClients;

    private readonly ScenarioCluster _cluster;
    private readonly ScenarioTree _tree;
    private readonly List<ScenarioClient> _clients = [];

    public ScenarioLoad(ScenarioCluster cluster, ScenarioTree tree, int seed)
    {
        (_cluster, _tree) = (cluster, tree);
        for (var number = 0; number < NfsClients; number++) _clients.Add(NewNfs(number, seed));
        for (var number = NfsClients; number < Clients; number++) _clients.Add(NewSmb(number, seed, isPersistent: number == NfsClients));
    }

    public int Acknowledged => _clients.Sum(client => client.Record.Acknowledged);

    public int Unanswered => _clients.Sum(client => client.Record.Unanswered);

    public IEnumerable<string> Errors => _clients.SelectMany(client => client.Errors.Concat(client.Complaints));

    /// <summary>What clients of SMB were refused for want of a server, to be added to a line.</summary>
    public string Refusals => string.Concat(
        _clients.SelectMany(client => client.Refusals.Select(one => $", {client.Record.Client}: {one.Value} {one.Key}")));

    public void Start()
    {
        foreach (var client in _clients) client.Start();
    }

    /// <summary>Ends the clients, reads everything once more, and gives what all of them recorded.</summary>
    public IReadOnlyList<FileHistory> Finish()
    {
        foreach (var client in _clients) client.Stop();
        ScenarioClient[] last = [NewNfs(Clients, seed: 0), NewSmb(Clients + 1, seed: 0, isPersistent: false)];
        _clients.AddRange(last);
        foreach (var client in last) client.ReadEverything();
        return FileHistory.Of(_clients.Select(client => client.Record));
    }

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
    }

    private SmbScenarioClient NewSmb(int number, int seed, bool isPersistent)
    {
        var share = isPersistent ? ScenarioCluster.ContinuousShare : ScenarioCluster.Volume;
        var mount = new SmbMount(
            _cluster.Network, ScenarioCluster.SmbHost, ScenarioCluster.SmbServers, _cluster.User, share, isPersistent, (int)(_cluster.NextXid() >> 16));
        return new SmbScenarioClient(number, (seed * Clients) + number, mount, _tree);
    }

    private NfsScenarioClient NewNfs(int number, int seed) => new(
        number,
        (seed * Clients) + number,
        new HardMount(_cluster.Network, ScenarioCluster.NfsHost, ScenarioCluster.NfsServers, _cluster.NextXid()),
        _tree);
}
