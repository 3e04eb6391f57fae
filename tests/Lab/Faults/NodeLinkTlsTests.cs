namespace Gateway.Lab.Faults;

/// <summary>Links with certificates between processes, whose certificates and authority are replaced while clients write.</summary>
[TestFixture, Category("Faults")]
public sealed class NodeLinkTlsTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, HostProcess> _processes = [];
    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private LabEtcd _etcd = null!;
    private Nasgate _nasgate = null!;
    private LabCertificates _certificates = null!;

    private static IEnumerable<string> Nodes => Enumerable.Range(1, LabCluster.NodeCount).Select(node => $"n{node}");

    [SetUp]
    public async Task SetUp()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _etcd = new LabEtcd(_network, _directory);
        _nasgate = new Nasgate(_network, _directory);
        _certificates = new LabCertificates(_nasgate, _directory, "ours");
        _etcd.Start();
        await _certificates.MakeAsync(string.Join(',', Nodes), "gw1");
        foreach (var node in Nodes) await StartNodeAsync(node, _certificates);
        await ServeAsync();
    }

    [TearDown]
    public void TearDown()
    {
        foreach (var process in _processes.Values) process.Dispose();
        _processes.Clear();
        _etcd.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task CertificatesAndTheAuthorityAreReplacedWhileClientsWrite()
    {
        using var load = new AcknowledgedLoad(_network, 5);
        load.Start();
        await GoesOnAsync(load);

        await _certificates.RunStepAsync("authority", "renew");
        await RollOutAsync(1, load);
        await _certificates.RunStepAsync("renew");
        await RollOutAsync(2, load);
        await _certificates.RunStepAsync("authority", "retire");
        await RollOutAsync(3, load);
        foreach (var process in _processes.Keys) Assert.That(LogOf(process), Has.None.Contains(" ERR "), process);

        // Whichever side looks first closes them.
        Assert.That(
            _processes.Keys.SelectMany(LogOf), Has.Some.Contains("no longer believed"), "the links of the old authority were closed");

        Assert.That(load.AllRun, Gateway.Tail);
        await Gateway.KillAsync();
        load.Join();
        await ServeAsync();
        Assert.That(load.Errors, Is.Empty);
        Assert.That(load.Check(), Is.Empty);
        var (clean, verified) = await _nasgate.VerifyAsync();
        Assert.That(clean, verified.ToString());
        TestContext.Progress.WriteLine($"measured: {load.Acknowledged} operations were acknowledged while everything was replaced");
    }

    [Test]
    public async Task ANodeOfAForeignAuthorityIsRefusedAndOneWithoutCertificatesToo()
    {
        using var load = new AcknowledgedLoad(_network, 6);
        load.Start();
        await GoesOnAsync(load);
        await _processes["n3"].KillAsync();

        // The same name at the same address, with a certificate that somebody else has issued.
        var foreign = new LabCertificates(_nasgate, _directory, "foreign");
        await foreign.MakeAsync("n3", "gw1");
        await StartNodeAsync("n3", foreign, "impostor");
        await RefusedAsync("no authority of this cluster has issued it");
        await _processes["n3"].KillAsync();

        // In clear: it is asked for TLS, and does not understand.
        _processes["n3"] = await _nasgate.NodeAsync("n3", _directory["impostor"] + "2", 7003, LabEtcd.Options);
        Assert.That(
            await Poll.UntilAsync(() => Task.FromResult(
                _processes["n3"].Lines.Any(line => line.Contains("was refused: Encrypted", StringComparison.Ordinal))), StepMax),
            _processes["n3"].Tail);
        await _processes["n3"].KillAsync();
        await GoesOnAsync(load);

        await StartNodeAsync("n3", _certificates);
        var healed = await Poll.UntilAsync(
            async () => (await _nasgate.StatusAsync()).GetProperty("volumes")[0].GetProperty("nodes").EnumerateArray()
                .All(node => node.GetProperty("state").GetString() == "up"),
            StepMax);
        Assert.That(healed, Gateway.Tail);
        Assert.That(load.AllRun, Gateway.Tail);
        await Gateway.KillAsync();
        load.Join();
        Assert.That(load.Errors, Is.Empty);
    }

    private HostProcess Gateway => _processes["gw1"];

    private async Task StartNodeAsync(string id, LabCertificates certificates, string? data = null)
    {
        var port = 7000 + int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture);
        if (_processes.Remove(id, out var before)) before.Dispose();
        _processes[id] = await _nasgate.NodeAsync(
            id, _directory[data ?? id], port, [.. LabEtcd.Options, .. certificates.Copy("node-" + id)]);
    }

    private async Task ServeAsync()
    {
        if (_processes.Remove("gw1", out var before)) before.Dispose();
        _processes["gw1"] = _nasgate.Start(
        [
            "serve", "--id", "gw1", "--data", _directory["gw1"], "--listen", LabNetwork.HostAddress,
            .. LabEtcd.Options, .. _certificates.Copy("gateway-gw1"),
        ]);
        await Gateway.LineAsync("nasgate: ready, serving", StepMax);
    }

    private async Task RollOutAsync(int step, AcknowledgedLoad load)
    {
        foreach (var process in _processes.Keys) _certificates.Copy(process == "gw1" ? "gateway-gw1" : "node-" + process);
        foreach (var process in _processes.Keys)
        {
            var read = await Poll.UntilAsync(
                () => Task.FromResult(LogOf(process).Count(line => line.Contains("was read again", StringComparison.Ordinal)) == step), StepMax);
            Assert.That(read, $"{process}, step {step}: {string.Join('\n', LogOf(process).TakeLast(20))}");
        }

        await GoesOnAsync(load);
    }

    private Task GoesOnAsync(AcknowledgedLoad load) => load.AssertGoesOnAsync(100, StepMax, () => Gateway.Tail);

    private async Task RefusedAsync(string cause)
    {
        var refused = await Poll.UntilAsync(
            () => Task.FromResult(Gateway.Lines.Any(line => line.Contains(cause, StringComparison.Ordinal))), StepMax);
        Assert.That(refused, Gateway.Tail);
    }

    private List<string> LogOf(string process)
    {
        var lines = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_directory[process], "logs")))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line) lines.Add(line);
        }

        return lines;
    }
}
