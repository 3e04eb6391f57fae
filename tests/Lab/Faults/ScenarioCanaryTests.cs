using Gateway.Lab.Scenarios;
using Gateway.Lab.Scenarios.Histories;
using Gateway.Lab.Scenarios.Load;
using Gateway.Linearizability;
using Gateway.NfsClient;

namespace Gateway.Lab.Faults;

/// <summary>The scenarios find what they are there to find: lies in a history, and a store that really forgets.</summary>
[TestFixture, Category("Faults")]
public sealed class ScenarioCanaryTests
{
    private const int EnoughOperations = 300;

    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(90);

    private ScenarioCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = new ScenarioCluster();
        await _cluster.StartAsync();
    }

    [TearDown]
    public void Stop() => _cluster.Dispose();

    [Test]
    public async Task A_true_history_with_one_lie_is_refused()
    {
        using var load = await StartLoadAsync();
        await AcknowledgedAsync(load);
        var histories = load.Finish();
        Assert.That(load.Errors, Is.Empty);
        Assert.That(histories.Where(history => !history.IsLinearizable()), Is.Empty);

        var register = histories.MaxBy(history => history.File[0] == 'r' ? history.Operations.Count : 0)!;
        AssertRefused(register, "a write that was never sent", operations => Behind(operations, FileVerb.Write, value: 77));
        AssertRefused(register, "a read of what nobody wrote", operations => Behind(operations, FileVerb.Read, result: 77));
        AssertRefused(register, "a read of what was overwritten", operations => Behind(operations, FileVerb.Read, result: 0));

        var log = histories.MaxBy(history => history.File[0] == 'l' ? history.Operations.Max(operation => operation.Result) : 0)!;
        var records = log.Operations.Max(operation => operation.Result);
        Assert.That(records, Is.Positive, "nothing was appended");
        AssertRefused(log, "a record that is missing", operations => Behind(operations, FileVerb.Count, result: records - 1));
        AssertRefused(log, "a record that was never sent", operations => Behind(operations, FileVerb.Append, value: records + 1));

        var name = histories.First(history => history.File[0] == 'n');
        AssertRefused(name, "a name made twice", operations => Behind(Behind(operations, FileVerb.Create, result: 1), FileVerb.Create, result: 1));
    }

    /// <summary>All nodes go back to what they held before, as disks do that lie about their flushes.</summary>
    [Test]
    public async Task A_store_that_forgets_is_found_out()
    {
        using var load = await StartLoadAsync();
        await AcknowledgedAsync(load);
        await _cluster.KillAllAsync();
        _cluster.KeepData();
        await _cluster.RecoverAsync(RecoveryMax);
        await AcknowledgedAsync(load);
        await _cluster.KillAllAsync();
        _cluster.PutBackData();
        await _cluster.RecoverAsync(RecoveryMax);

        var histories = load.Finish();
        var wrong = histories.Where(history => !history.IsLinearizable()).Select(history => history.File);
        Assert.That(wrong, Is.Not.Empty, () => string.Join('\n', histories));
    }

    [Test]
    public async Task A_jump_of_a_clock_is_one()
    {
        var day = TimeSpan.FromDays(1);
        var owner = await _cluster.OwnerAsync();
        using var share = _cluster.Mount(owner);
        var before = Created(share, "before");
        owner.Clock!.Ahead = day;
        Assert.That(Created(share, "after") - before, Is.GreaterThanOrEqualTo(day));
    }

    private static TimeSpan Created(NfsShare share, string name) =>
        TimeSpan.FromSeconds(share.Create(share.Root, name).ObjectAttributes!.Value.ModifyTime.Seconds);

    private static void AssertRefused(
        FileHistory history, string lie, Func<IEnumerable<Operation<FileRequest, long>>, IEnumerable<Operation<FileRequest, long>>> told) =>
        Assert.That(new FileHistory(history.File, told(history.Operations)).IsLinearizable(), Is.False, $"{lie}\n{history}");

    // Behind all that was answered, and read once more as it was read last.
    private static IEnumerable<Operation<FileRequest, long>> Behind(
        IEnumerable<Operation<FileRequest, long>> operations, FileVerb verb, long value = 0, long result = 0)
    {
        var all = operations.ToList();
        var last = all.Where(operation => operation.Return != Operation<FileRequest, long>.Unknown).MaxBy(operation => operation.Return)!;
        all.Add(new(last.Return + 1, last.Return + 2, new FileRequest(verb, value, "liar"), result));
        all.Add(last with { Call = last.Return + 3, Return = last.Return + 4 });
        return all;
    }

    private static async Task AcknowledgedAsync(ScenarioLoad load)
    {
        var goal = load.Acknowledged + EnoughOperations;
        Assert.That(await Poll.UntilAsync(() => load.Acknowledged >= goal, RecoveryMax), "the clients stand still");
    }

    private async Task<ScenarioLoad> StartLoadAsync()
    {
        var owner = await _cluster.OwnerAsync();
        using var share = _cluster.Mount(owner);
        var load = new ScenarioLoad(_cluster, ScenarioTree.Make(share, number: 0), seed: 1);
        load.Start();
        return load;
    }
}
