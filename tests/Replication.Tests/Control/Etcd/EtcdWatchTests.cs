using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Control.Etcd;

public sealed class EtcdWatchTests
{
    private readonly List<byte[]> _lists = [];
    private readonly List<long> _starts = [];
    private FakeEtcd _fake = null!;
    private EtcdStore _store = null!;
    private EtcdWatch _watch = null!;

    [SetUp]
    public async Task SetUp()
    {
        _lists.Clear();
        _starts.Clear();
        _fake = await FakeEtcd.StartAsync();
        _fake.Methods["Range"] = call =>
        {
            var next = _lists[0];
            if (_lists.Count > 1) _lists.RemoveAt(0);
            return FakeEtcd.SayAsync(call, next);
        };
        var options = new EtcdOptions { Endpoints = [_fake.Address] };
        _store = new EtcdStore(new EtcdClient(options, TimeProvider.System, NullLogger.Instance), "/r/");
        _watch = new EtcdWatch(_store, "w/", TimeProvider.System, NullLogger.Instance);
    }

    [TearDown]
    public async Task TearDown()
    {
        _watch.Dispose();
        _store.Dispose();
        await _fake.DisposeAsync();
    }

    [Test]
    public async Task Changes_that_came_together_are_told_as_one()
    {
        _lists.Add(List(7, ("/r/w/a", "1", 5)));
        Play(async call =>
        {
            await FakeEtcd.TellAsync(call, [.. Event("/r/w/b", "2", 8), .. Event("/r/w/b", "3", 9), .. Event("/r/w/a", null, 10)]);
            await FakeEtcd.HangAsync(call);
        });
        Assert.That(await NextAsync(), Is.EqualTo("w/a=1@5"));
        Assert.That(await NextAsync(), Is.EqualTo("w/b=3@9"));
        Assert.That(_starts, Is.EqualTo(new[] { 8 }));
    }

    [Test]
    public async Task After_a_break_everything_is_listed_and_only_news_are_told()
    {
        _lists.Add(List(7, ("/r/w/a", "1", 5)));
        _lists.Add(List(8, ("/r/w/a", "1", 5)));
        _lists.Add(List(9, ("/r/w/a", "2", 9)));
        Play(FakeEtcd.AbortAsync, call => FakeEtcd.SayAsync(call, []), FakeEtcd.HangAsync);
        Assert.That(await NextAsync(), Is.EqualTo("w/a=1@5"));
        Assert.That(await NextAsync(), Is.EqualTo("w/a=2@9"));
    }

    [Test]
    public async Task What_was_compacted_away_is_listed()
    {
        _lists.Add(List(7, ("/r/w/a", "1", 5)));
        _lists.Add(List(20, ("/r/w/a", "2", 15), ("/r/w/b", "3", 16)));
        Play(
            call => FakeEtcd.TellAsync(call, Convert.FromHexString("0a1708c5fc9985e7b8948b7710c6f199878cc7bf9eb901200220012804")),
            FakeEtcd.HangAsync);
        Assert.That(await NextAsync(), Is.EqualTo("w/a=1@5"));
        Assert.That(await NextAsync(), Is.EqualTo("w/a=2@15 w/b=3@16"));
        Assert.That(_starts[^1], Is.EqualTo(21));
    }

    [Test]
    public async Task Who_no_longer_waits_can_go_on_later()
    {
        _lists.Add(List(7, ("/r/w/a", "1", 5)));
        var change = new TaskCompletionSource();
        Play(async call =>
        {
            await FakeEtcd.TellAsync(call, []);
            await change.Task;
            await FakeEtcd.TellAsync(call, Event("/r/w/a", "2", 8));
            await FakeEtcd.HangAsync(call);
        });
        await NextAsync();
        using var end = new CancellationTokenSource();
        var next = _watch.NextAsync(end.Token).AsTask();
        await end.CancelAsync();
        Assert.That(() => next, Throws.InstanceOf<OperationCanceledException>());
        change.SetResult();
        Assert.That(await NextAsync(), Is.EqualTo("w/a=2@8"));
    }

    [Test]
    public async Task When_etcd_refuses_the_watch_ends()
    {
        _lists.Add(List(7));
        Play(FakeEtcd.AbortAsync);
        Assert.That(await NextAsync(), Is.Empty);
        _fake.Methods["Range"] = call => FakeEtcd.FailAsync(call, GrpcStatus.PermissionDenied, "etcdserver: permission denied");
        Assert.That(async () => await NextAsync(), Throws.TypeOf<ControlPlaneException>().With.Message.Contains("permission denied"));
    }

    private static byte[] List(long revision, params (string Key, string Value, long Revision)[] values)
    {
        var answer = new ProtoWriter().Message(1, new ProtoWriter().Number(3, revision));
        foreach (var value in values) answer.Message(2, KeyValue(value.Key, value.Value, value.Revision));
        return answer.Written.ToArray();
    }

    private static byte[] Event(string key, string? value, long revision) => new ProtoWriter()
        .Message(11, new ProtoWriter().Number(1, value is null ? 1 : 0).Message(2, KeyValue(key, value ?? "", revision)))
        .Written.ToArray();

    private static ProtoWriter KeyValue(string key, string value, long revision) =>
        new ProtoWriter().Text(1, key).Number(3, revision).Text(5, value);

    // Each stream in turn; the last again and again.
    private void Play(params Func<HttpContext, Task>[] streams)
    {
        var played = 0;
        _fake.Methods["Watch"] = async call =>
        {
            using var body = new MemoryStream();
            await call.Request.Body.CopyToAsync(body);
            _starts.Add(StartOf(body.ToArray().AsSpan(5)));
            await call.Response.Body.FlushAsync();
            await streams[Math.Min(played++, streams.Length - 1)](call);
        };
    }

    private static long StartOf(ReadOnlySpan<byte> request)
    {
        var outer = new ProtoReader(request);
        outer.MoveNext();
        var start = 0L;
        for (var reader = new ProtoReader(outer.Bytes()); reader.MoveNext();)
        {
            if (reader.Field == 3) start = reader.Number();
        }

        return start;
    }

    private async Task<string> NextAsync()
    {
        var view = await _watch.NextAsync(CancellationToken.None);
        return string.Join(' ', view.Values.Select(pair => $"{pair.Key}={pair.Value.Json}@{pair.Value.Version}"));
    }
}
