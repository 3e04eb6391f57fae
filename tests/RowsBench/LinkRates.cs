using System.Diagnostics;
using System.Net;
using Gateway.Replication.Checksums;
using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;
using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.RowsBench;

/// <summary>Slices and small requests over loopback to a node in this process, in clear and over TLS by turns.</summary>
internal static class LinkRates
{
    private const int Rounds = 3;
    private const int SmallRequests = 20_000;

    /// <summary>Slices on their way at once, as an owner has.</summary>
    private const int Depth = 8;

    public static async Task RunAsync(int mebibytes)
    {
        var directory = Directory.CreateTempSubdirectory("linkrates-").FullName;
        try
        {
            var cluster = new Guid(1, 2, 3, new byte[8]);
            var plain = new LinkTrust(new ClusterSecret(cluster, new byte[32]));
            using var authority = LinkAuthority.Make(cluster, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(2));
            await using var node = Open(directory, authority, LinkRole.Node, "n1");
            await using var gateway = Open(directory, authority, LinkRole.Gateway, "gw1");
            for (var round = 0; round <= Rounds; round++)
            {
                var warms = round == 0;
                await MeasureAsync(warms ? null : "in clear", plain, plain, mebibytes);
                await MeasureAsync(warms ? null : "over TLS", new LinkTrust(node), new LinkTrust(gateway), mebibytes);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static LinkTls Open(string directory, LinkAuthority authority, LinkRole role, string name)
    {
        var issued = authority.Issue(role, name, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(1));
        var files = new LinkFiles(Path.Join(directory, name + ".pem"), Path.Join(directory, name + ".key"), Path.Join(directory, "ca.pem"));
        File.WriteAllText(files.Certificate, issued.CertificatePem);
        File.WriteAllText(files.Authorities, authority.CertificatePem);
        File.WriteAllText(files.Key, issued.KeyPem);
        File.SetUnixFileMode(files.Key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return LinkTls.Open(files, role, name, authority.Cluster, TimeProvider.System, NullLogger.Instance);
    }

    private static async Task MeasureAsync(string? what, LinkTrust nodeTrust, LinkTrust gatewayTrust, int mebibytes)
    {
        await using var node = await ListenAsync(nodeTrust);
        var address = node.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var up = new Up();
        var options = new NodeLinkOptions
        {
            Node = "n1",
            Volume = Guid.Empty,
            Connector = new TcpNodeConnector("127.0.0.1", new Uri(address).Port),
            Trust = gatewayTrust,
        };
        await using var link = new NodeLink(options, up, TimeProvider.System, NullLogger.Instance);
        link.Start();
        await up.Reached;

        var data = new byte[SliceLimits.BytesMax];
        new Random(1).NextBytes(data);
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var count = (int)((long)mebibytes * (1 << 20) / data.Length);
        await PhaseAsync(what is null ? null : $"slices written {what}, {data.Length >> 10} KiB", count, Depth, async () =>
        {
            var answer = await link.WriteSliceAsync(
                new WriteSliceRequest(Guid.Empty, 1, slice, false), new LentPayload(data, new Lender()), default);
            Require(answer.Answered && answer.Reply.Outcome == NodeOutcome.Ok);
        });
        await PhaseAsync(what is null ? null : $"slices read {what}, {data.Length >> 10} KiB", count, Depth, async () =>
        {
            var answer = await link.RequestAsync<ReadSliceRequest, ReadSliceReply>(
                FrameKind.ReadSlice, new ReadSliceRequest(Guid.Empty, slice, 0, data.Length, false, false), default, data.Length);
            Require(answer.Payload.Length == data.Length);
            answer.Payload.Release();
        });
        await PhaseAsync(what is null ? null : $"small requests {what}, one at a time", SmallRequests, 1, async () =>
        {
            var answer = await link.RequestAsync<NodeConditionRequest, NodeCondition>(
                FrameKind.Condition, new NodeConditionRequest(Guid.Empty), default);
            Require(answer.Answered);
        });
        await node.StopAsync();
    }

    private static async Task PhaseAsync(string? what, int count, int depth, Func<Task> request)
    {
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var (allocated, watch, left) = (GC.GetTotalAllocatedBytes(), Stopwatch.StartNew(), count);
        await Task.WhenAll(Enumerable.Range(0, depth).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0) await request();
        })));
        process.Refresh();
        if (what is not null)
            Report.Print(what, count, watch.Elapsed, process.TotalProcessorTime - cpu, GC.GetTotalAllocatedBytes() - allocated);
    }

    private static async Task<WebApplication> ListenAsync(LinkTrust trust)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(new NodeConnectionHandler(
            new SinkNode("n1"), trust, TimeProvider.System, NullLogger<NodeConnectionHandler>.Instance));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, endpoint => endpoint.UseConnectionHandler<NodeConnectionHandler>()));
        var application = builder.Build();
        await application.StartAsync();
        return application;
    }

    private static void Require(bool holds)
    {
        if (!holds) throw new InvalidOperationException("The node did not answer as it must.");
    }

    private sealed class Lender : IPayloadLender
    {
        public void PayloadReleased()
        {
        }
    }

    private sealed class Up : INodeLinkEvents
    {
        private readonly TaskCompletionSource _up = new();

        public Task Reached => _up.Task;

        public void LinkUp(NodeLink link, NodeIdentity identity) => _up.TrySetResult();

        public void LinkDown(NodeLink link)
        {
        }

        public void JournalReplied(NodeLink link, NodeReply reply)
        {
        }
    }
}
