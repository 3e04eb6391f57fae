using System.Net;
using System.Net.Sockets;
using Gateway.Addresses;
using Gateway.Cli;
using Gateway.Cluster;
using Gateway.Hosting;
using Gateway.Replication.Control.Etcd;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Hosting;

/// <summary>A gateway as a process, before it can serve anything.</summary>
[NonParallelizable]
public sealed class GatewayProcessTests
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client = new();
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("nasgate-process").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [OneTimeTearDown]
    public void DisposeClient() => _client.Dispose();

    [Test]
    public async Task A_gateway_that_waits_for_etcd_is_live_and_not_ready()
    {
        // Connections are taken by the system, and nobody ever answers.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var stop = new CancellationTokenSource();
        var (running, port) = await StartAsync((IPEndPoint)silent.LocalEndpoint, stop.Token);

        Assert.That(await StatusAsync(port, "/live"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(port, "/ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await StatusAsync(port, "/ready/files"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(running.IsCompleted, Is.False, "it still waits");
        await stop.CancelAsync();
        Assert.That(await running, Is.EqualTo(CommandLine.ExitSuccess));
    }

    // A port is free when it is asked for; somebody else may take it before it is used.
    private async Task<(Task<int> Running, int Port)> StartAsync(IPEndPoint etcd, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(StartMax);
        while (true)
        {
            var port = FreePort.Find();
            var running = GatewayProcess.RunAsync(Options(etcd, port), stop);
            while (!running.IsCompleted)
            {
                if (await IsListeningAsync(port)) return (running, port);
                await Task.Delay(20, timeout.Token);
            }

            try
            {
                await running;
            }
            catch (StartException error) when (error.Message.Contains($"{port}", StringComparison.Ordinal))
            {
                // Taken: another one.
            }
        }
    }

    private GatewayOptions Options(IPEndPoint etcd, int port) => new()
    {
        Process = new ProcessOptions
        {
            DataDirectory = Path.Combine(_directory, "data"),
            SecretFile = Path.Combine(_directory, "secret"),
            LogLevel = LogLevel.Information,
        },
        Listen = IPAddress.Loopback,
        NfsPort = FreePort.Find(),
        HttpPort = FreePort.Find(),
        Portmap = false,
        Id = "gw1",
        Replicas = 3,
        Nodes = [],
        Control = new ControlOptions { Etcd = new EtcdOptions { Endpoints = [new Uri($"http://{etcd}")] } },
        Addresses = new ServiceAddressOptions { ReadyPort = port },
        Exports = [],
    };

    private static async Task<bool> IsListeningAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<HttpStatusCode> StatusAsync(int port, string path)
    {
        using var response = await _client.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"));
        return response.StatusCode;
    }
}
