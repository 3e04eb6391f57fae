using System.Net.Sockets;
using System.Text;

namespace Gateway.Lab.Faults;

/// <summary>
/// Addresses that go with the volume, on real kernels' networks: two hosts that can have the volume's directory, and a client.
/// </summary>
[TestFixture, Category("Faults")]
public sealed class ServiceAddressTests
{
    private const int First = 1;
    private const int Second = 2;
    private const int Client = 3;
    private const int ReadyPort = 9000;
    private const string IPv4 = "10.78.0.50";
    private const string IPv6 = "fd00:78::50";

    /// <summary>The lifetime, and what the kernel takes to look at it.</summary>
    private static readonly TimeSpan GoneMax = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(1);

    private readonly List<HostProcess> _processes = [];
    private LabDirectory _directory = null!;
    private LabSegment _segment = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new LabDirectory();
        _segment = new LabSegment(hosts: 3);
    }

    [TearDown]
    public void TearDown()
    {
        foreach (var process in _processes) process.Dispose();
        _processes.Clear();
        _segment.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task The_owner_has_the_addresses_until_it_ends()
    {
        var gateway = await UpAsync(First);
        Assert.That(_segment.Has(First, IPv4) && _segment.Has(First, IPv6));
        Assert.That(Ask("/ready"), Does.StartWith("HTTP/1.1 200"));
        Assert.That(Ask("/ready/files"), Does.StartWith("HTTP/1.1 200"));
        Assert.That(Ask("/ready/other"), Does.StartWith("HTTP/1.1 503"));
        Assert.That(Ask("/live"), Does.StartWith("HTTP/1.1 200"));
        await HookAsync("acquire files 10.78.0.50");

        // Longer than they live without being renewed.
        var leftAt = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(leftAt) < TimeSpan.FromSeconds(9))
        {
            Assert.That(_segment.Has(First, IPv4) && _segment.Has(First, IPv6), gateway.Tail);
            await Task.Delay(100);
        }

        gateway.Signal(Signals.Terminate);
        Assert.That(await gateway.EndAsync(StepMax), Is.Zero, gateway.Tail);
        Assert.That(_segment.Has(First, IPv4) || _segment.Has(First, IPv6), Is.False);
        await HookAsync("release files 10.78.0.50");
    }

    [TestCase(Signals.Stop)]
    [TestCase(Signals.Kill)]
    public async Task The_kernel_takes_the_addresses_of_an_owner_that_does_nothing(int signal)
    {
        var gateway = await UpAsync(First);
        gateway.Signal(signal);
        Assert.That(await Poll.UntilAsync(() => !_segment.Has(First, IPv4) && !_segment.Has(First, IPv6), GoneMax));
        if (signal != Signals.Stop) return;

        // It is the only one, so it owns the volume still.
        gateway.Signal(Signals.Continue);
        Assert.That(await Poll.UntilAsync(() => _segment.Has(First, IPv4) && _segment.Has(First, IPv6), GoneMax), gateway.Tail);
    }

    [TestCase(IPv4)]
    [TestCase(IPv6)]
    public async Task A_client_of_an_owner_that_lost_power_hears_from_the_next_one(string address)
    {
        var before = await UpAsync(First);
        using var connection = _segment.Connect(Client, address, Nasgate.NfsPort);
        Assert.That(_segment.NeighbourOf(Client, address), Is.EqualTo(_segment.HardwareOf(First)));
        var recorded = await Poll.UntilAsync(
            () => Log().Contains($"Recorded 1 connections to {address}.", StringComparison.Ordinal), StepMax);
        Assert.That(recorded, before.Tail);
        _segment.CutOff(First);
        await before.KillAsync();

        await UpAsync(Second);
        var heard = await Poll.UntilAsync(() => connection.Poll(0, SelectMode.SelectRead), StepMax);
        Assert.That(heard, "the client still believes in its connection");
        Assert.That(
            () => connection.Receive(new byte[1]),
            Throws.TypeOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionReset));
        Assert.That(
            await Poll.UntilAsync(() => _segment.NeighbourOf(Client, address) == _segment.HardwareOf(Second), StepMax),
            "the client still looks for the address at the first owner");
        using var next = _segment.Connect(Client, address, Nasgate.NfsPort);
        Assert.That(next.Connected);
    }

    [Test]
    public async Task A_device_that_is_not_there_is_a_clear_start_error()
    {
        var gateway = Start(First, "files=10.78.0.50/24@eth7");
        Assert.That(await gateway.EndAsync(StepMax), Is.Not.Zero.And.Not.Null);
        Assert.That(gateway.Tail, Does.Contain("cannot find the network device eth7: No such device"));
    }

    private string Ask(string path)
    {
        using var connection = _segment.Connect(Client, IPv4, ReadyPort);
        connection.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: nas.example\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(new NetworkStream(connection));
        return reader.ReadLine() ?? "";
    }

    private string Log() => string.Concat(
        Directory.GetFiles(Path.Combine(_directory["data"], "logs")).Select(file =>
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }));

    private async Task HookAsync(string line)
    {
        var file = _directory["hook.out"];
        Assert.That(
            await Poll.UntilAsync(() => File.Exists(file) && File.ReadAllLines(file).Contains(line), StepMax), $"no '{line}'");
    }

    private async Task<HostProcess> UpAsync(int host)
    {
        var process = Start(host, $"files={IPv4}/24@{LabSegment.Device},files={IPv6}/64@{LabSegment.Device}");
        await process.LineAsync("nasgate: ready, serving", StepMax);
        return process;
    }

    private HostProcess Start(int host, string address)
    {
        var hook = _directory["hook"];
        File.WriteAllText(hook, $"#!/bin/sh\necho $NASGATE_EVENT $NASGATE_VOLUME $NASGATE_ADDRESS >> {_directory["hook.out"]}\n");
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var process = new HostProcess(
            [
                .. _segment.PrefixOf(host), LabRun.Program, "up", "--data", _directory["data"], "--nodes", "1", "--listen", "::",
                "--smb-port", "none", "--address", address, "--on-acquire", hook, "--on-release", hook, "--ready-port", "9000", "--log-level", "debug",
            ]);
        _processes.Add(process);
        return process;
    }
}
