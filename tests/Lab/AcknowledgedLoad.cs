namespace Gateway.Lab;

/// <summary>Clients that change a share and remember what was acknowledged, until they are stopped or the connection breaks.</summary>
internal sealed class AcknowledgedLoad : IDisposable
{
    private const int Clients = 4;

    private readonly LabNetwork _network;
    private readonly int _port;
    private readonly AcknowledgedClient[] _clients;
    private readonly List<Thread> _threads = [];

    /// <param name="network">Of the lab.</param>
    /// <param name="seed">Of what they do.</param>
    /// <param name="port">Where NFS is served.</param>
    /// <param name="round">Another one for each load on the same share.</param>
    public AcknowledgedLoad(LabNetwork network, int seed, int port = Nasgate.NfsPort, int round = 0)
    {
        (_network, _port) = (network, port);
        _clients = [.. Enumerable.Range(round * Clients, Clients).Select(
            client => new AcknowledgedClient(client, new Random((seed * 100) + client)))];
    }

    public int Acknowledged => _clients.Sum(client => client.Acknowledged);

    /// <summary>What the server answered that it must not.</summary>
    public IEnumerable<string> Errors => _clients.SelectMany(client => client.Errors);

    /// <summary>How the connections of those broke that have none any more.</summary>
    public IEnumerable<string> Ends => _clients.Select(client => client.End).OfType<string>();

    public void Start()
    {
        foreach (var client in _clients)
        {
            var share = _network.Mount((uint)(0x1000 + (client.Number << 20)), _port, TimeSpan.FromSeconds(20));
            var thread = new Thread(() => client.Run(share)) { IsBackground = true, Name = $"client {client.Number}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>No client's connection has broken, and none has had an answer that ends it.</summary>
    public bool AllRun => _threads.TrueForAll(thread => thread.IsAlive);

    /// <summary>Fails unless so many further operations are acknowledged, and every client still works then.</summary>
    /// <param name="operations">Of all clients together.</param>
    /// <param name="within">How long that may take.</param>
    /// <param name="circumstances">Told with the failure.</param>
    public async Task AssertGoesOnAsync(int operations, TimeSpan within, Func<string> circumstances)
    {
        var before = Acknowledged;
        var goesOn = await Poll.UntilAsync(() => Acknowledged >= before + operations, within);
        Assert.That(goesOn && AllRun, () => $"{string.Join('\n', Errors.Concat(Ends))}\n{circumstances()}");
    }

    /// <summary>Lets each client finish what it is at.</summary>
    public void Stop()
    {
        foreach (var client in _clients)
            client.Stop();
        Join();
    }

    public void Join()
    {
        foreach (var thread in _threads)
            thread.Join();
    }

    /// <summary>What was acknowledged and is not there.</summary>
    /// <param name="port">Where NFS is served by now; null where it was.</param>
    public List<string> Check(int? port = null)
    {
        using var share = _network.Mount(0x0900_0000, port ?? _port);
        return [.. _clients.SelectMany(client => client.Missing(share))];
    }

    public void Dispose()
    {
        // After a failure they still work.
        Stop();
        foreach (var client in _clients)
            client.Dispose();
    }
}
