using System.Net;
using System.Net.Sockets;
using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Gateway.Replication.Tests.Store;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Control.Etcd;

public sealed class EtcdClientTests
{
    private const string Txn = "/etcdserverpb.KV/Txn";
    private const string Range = "/etcdserverpb.KV/Range";
    private static readonly byte[] Answer = [0x10, 0x01];

    private FakeEtcd _first = null!;
    private FakeEtcd _second = null!;

    [SetUp]
    public async Task SetUp() => (_first, _second) = (await FakeEtcd.StartAsync(), await FakeEtcd.StartAsync());

    [TearDown]
    public async Task TearDown()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Test]
    public async Task A_change_whose_answer_is_lost_is_not_tried_again()
    {
        using var client = Open();
        _first.Methods["Txn"] = FakeEtcd.AbortAsync;
        _second.Methods["Txn"] = call => FakeEtcd.SayAsync(call, Answer);
        Assert.That(() => AskAsync(client, Txn, repeatable: false), Throws.TypeOf<ControlPlaneException>().With.Message.Contains("or not"));
        Assert.That(_first.Calls, Has.Count.EqualTo(1));
        Assert.That(_second.Calls, Is.Empty);

        // The caller looks, and is not sent to the same member.
        Assert.That(await AskAsync(client, Txn, repeatable: false), Is.EqualTo(Answer));
    }

    [Test]
    public async Task A_read_goes_on_to_the_next_member()
    {
        using var client = Open();
        _first.Methods["Range"] = FakeEtcd.AbortAsync;
        _second.Methods["Range"] = call => FakeEtcd.SayAsync(call, Answer);
        Assert.That(await AskAsync(client, Range, repeatable: true), Is.EqualTo(Answer));
        Assert.That(await AskAsync(client, Range, repeatable: true), Is.EqualTo(Answer));
        Assert.That(_first.Calls, Has.Count.EqualTo(1));
        Assert.That(_second.Calls, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_change_goes_on_when_nobody_listens_at_the_first_member()
    {
        using var client = Open(NobodyListens(), _second.Address);
        _second.Methods["Txn"] = call => FakeEtcd.SayAsync(call, Answer);
        Assert.That(await AskAsync(client, Txn, repeatable: false), Is.EqualTo(Answer));
    }

    [Test]
    public async Task A_change_goes_on_when_the_first_member_knows_no_leader()
    {
        using var client = Open();
        _first.Methods["Txn"] = call => FakeEtcd.FailAsync(call, GrpcStatus.Unavailable, "etcdserver: no leader");
        _second.Methods["Txn"] = call => FakeEtcd.SayAsync(call, Answer);
        Assert.That(await AskAsync(client, Txn, repeatable: false), Is.EqualTo(Answer));
    }

    [Test]
    public void What_a_member_refuses_no_other_is_asked()
    {
        using var client = Open();
        _first.Methods["Txn"] = call => FakeEtcd.FailAsync(call, GrpcStatus.InvalidArgument, "etcdserver: request is too large");
        Assert.That(
            () => AskAsync(client, Txn, repeatable: false),
            Throws.TypeOf<ControlPlaneException>().With.Message.EqualTo("etcd refused: etcdserver: request is too large"));
        Assert.That(_second.Calls, Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_member_that_hangs_is_left_after_a_while(bool repeatable)
    {
        var time = new ManualTime();
        using var client = new EtcdClient(
            new EtcdOptions { Endpoints = [_first.Address, _second.Address] }, time, NullLogger.Instance);
        var arrived = new TaskCompletionSource();
        _first.Methods["Txn"] = call =>
        {
            arrived.TrySetResult();
            return FakeEtcd.HangAsync(call);
        };
        _second.Methods["Txn"] = call => FakeEtcd.SayAsync(call, Answer);
        var asked = AskAsync(client, Txn, repeatable);
        await arrived.Task;
        Assert.That(asked.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(2));
        if (repeatable) Assert.That(await asked, Is.EqualTo(Answer));
        else Assert.That(() => asked, Throws.TypeOf<ControlPlaneException>().With.Message.Contains("no answer in 2 s"));
    }

    [Test]
    public async Task When_nobody_answers_it_says_so_after_a_while()
    {
        var time = new ManualTime();
        using var client = new EtcdClient(new EtcdOptions { Endpoints = [NobodyListens()] }, time, NullLogger.Instance);
        var asked = AskAsync(client, Range, repeatable: true);
        while (!asked.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }

        Assert.That(() => asked, Throws.TypeOf<ControlPlaneException>().With.Message.Contains("does not answer"));
        Assert.That(time.GetElapsedTime(0), Is.GreaterThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task A_member_that_takes_its_leave_is_connected_to_anew()
    {
        using var client = Open(_first.Address);
        var connections = new HashSet<string>();
        _first.Methods["Txn"] = async call =>
        {
            connections.Add(call.Connection.Id);

            // GOAWAY
            call.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();
            await FakeEtcd.SayAsync(call, Answer);
        };
        for (var i = 0; i < 5; i++) Assert.That(await AskAsync(client, Txn, repeatable: false), Is.EqualTo(Answer));
        Assert.That(_first.Calls, Has.Count.EqualTo(5));
        Assert.That(connections, Has.Count.GreaterThan(1));
    }

    [Test]
    public async Task A_token_that_has_expired_is_replaced_and_the_call_made_again()
    {
        using var client = OpenAs("gw");
        var tokens = 0;
        _first.Methods["Authenticate"] = call => FakeEtcd.SayAsync(
            call, new ProtoWriter().Text(2, $"token.{++tokens}").Written.ToArray());
        _first.Methods["Txn"] = call => call.Request.Headers["token"] == $"token.{tokens}"
            ? FakeEtcd.SayAsync(call, Answer)
            : FakeEtcd.FailAsync(call, GrpcStatus.Unauthenticated, "etcdserver: invalid auth token");
        Assert.That(await AskAsync(client, Txn, repeatable: false), Is.EqualTo(Answer));
        tokens++;
        Assert.That(await AskAsync(client, Txn, repeatable: false), Is.EqualTo(Answer));
        Assert.That(_first.Calls, Is.EqualTo(new[] { "Authenticate", "Txn", "Txn", "Authenticate", "Txn" }));
    }

    [Test]
    public void A_wrong_password_is_said_and_not_tried_elsewhere()
    {
        using var client = OpenAs("gw");
        _first.Methods["Authenticate"] = call => FakeEtcd.FailAsync(
            call, GrpcStatus.InvalidArgument, "etcdserver: authentication failed, invalid user ID or password");
        Assert.That(
            () => AskAsync(client, Txn, repeatable: false),
            Throws.TypeOf<ControlPlaneException>().With.Message.Contains("invalid user ID or password"));
        Assert.That(_first.Calls, Has.Count.EqualTo(1));
        Assert.That(_second.Calls, Is.Empty);
    }

    [Test]
    public async Task Where_nobody_is_asked_for_a_password_there_is_no_token()
    {
        using var client = OpenAs("gw");
        _first.Methods["Authenticate"] = call => FakeEtcd.FailAsync(
            call, GrpcStatus.FailedPrecondition, "etcdserver: authentication is not enabled");
        _first.Methods["Txn"] = call => call.Request.Headers.ContainsKey("token")
            ? FakeEtcd.FailAsync(call, GrpcStatus.Internal, "a token")
            : FakeEtcd.SayAsync(call, Answer);
        Assert.That(await AskAsync(client, Txn, repeatable: false), Is.EqualTo(Answer));
    }

    private static IEnumerable<TestCaseData> Oddities =>
    [
        new(Body("00000000021001", end: false), "without a status") { TestName = "no status" },
        new(Body("0000000003"), "cut off") { TestName = "cut off" },
        new(Body("0000"), "cut off") { TestName = "cut off in its length" },
        new(Body("01000000021001"), "compressed") { TestName = "compressed" },
        new(Body("00ffffffff"), "more than") { TestName = "too long" },
        new(Body(""), "with nothing") { TestName = "no message" },
        new((Func<HttpContext, Task>)NotFound, "404") { TestName = "no gRPC" },
    ];

    [TestCaseSource(nameof(Oddities))]
    public void An_answer_that_makes_no_sense_is_none(Func<HttpContext, Task> answer, string complaint)
    {
        using var client = Open(_first.Address);
        _first.Methods["Txn"] = answer;
        Assert.That(
            () => AskAsync(client, Txn, repeatable: false), Throws.TypeOf<ControlPlaneException>().With.Message.Contains(complaint));
        Assert.That(_first.Calls, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Who_no_longer_waits_is_told_that_it_gave_up()
    {
        using var client = Open(_first.Address);
        using var end = new CancellationTokenSource();
        var arrived = new TaskCompletionSource();
        _first.Methods["Txn"] = call =>
        {
            arrived.SetResult();
            return FakeEtcd.HangAsync(call);
        };
        var asked = client.AskAsync(Txn, [], repeatable: false, end.Token);
        await arrived.Task;
        await end.CancelAsync();
        Assert.That(() => asked, Throws.InstanceOf<OperationCanceledException>());
    }

    private static Func<HttpContext, Task> Body(string hex, bool end = true) => async call =>
    {
        call.Response.ContentType = "application/grpc";
        await call.Response.Body.WriteAsync(Convert.FromHexString(hex));
        if (end) FakeEtcd.End(call, GrpcStatus.Ok);
    };

    private static Task NotFound(HttpContext call)
    {
        call.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private static Uri NobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }

    private static Task<byte[]> AskAsync(EtcdClient client, string method, bool repeatable) =>
        client.AskAsync(method, [], repeatable, CancellationToken.None);

    private EtcdClient OpenAs(string user) => new(
        new EtcdOptions
        {
            Endpoints = [_first.Address, _second.Address],
            Credentials = new EtcdCredentials(user, "secret"),
        },
        TimeProvider.System,
        NullLogger.Instance);

    private EtcdClient Open(params Uri[] addresses) => new(
        new EtcdOptions { Endpoints = addresses.Length == 0 ? [_first.Address, _second.Address] : addresses },
        TimeProvider.System,
        NullLogger.Instance);
}
