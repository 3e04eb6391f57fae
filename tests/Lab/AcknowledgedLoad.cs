namespace Gateway.Lab;

/// <summary>Clients that change a share and remember what was acknowledged, until the connection breaks.</summary>
internal sealed class AcknowledgedLoad : IDisposable
{
    private const int Clients = 4;

    private readonly LabNetwork _network;
    private readonly AcknowledgedClient[] _clients;
    private readonly List<Thread> _threads = [];

    public AcknowledgedLoad(LabNetwork network, int seed)
    {
        _network = network;
        _clients = [.. Enumerable.Range(0, Clients).Select(
            client => new AcknowledgedClient(client, new Random((seed * 100) + client)))];
    }

    public int Acknowledged => _clients.Sum(client => client.Acknowledged);

    /// <summary>What the server answered that it must not.</summary>
    public IEnumerable<string> Errors => _clients.SelectMany(client => client.Errors);

    public void Start()
    {
        foreach (var client in _clients)
        {
            var share = _network.Mount((uint)(0x1000 + (client.Number << 20)), replyMax: TimeSpan.FromSeconds(20));
            var thread = new Thread(() => client.Run(share)) { IsBackground = true, Name = $"client {client.Number}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    public void Join()
    {
        foreach (var thread in _threads)
            thread.Join();
    }

    /// <summary>What was acknowledged and is not there.</summary>
    public List<string> Check()
    {
        using var share = _network.Mount(0x0900_0000);
        return [.. _clients.SelectMany(client => client.Missing(share))];
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
    }
}
