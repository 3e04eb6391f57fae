using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Gateway.Lab.Scenarios;
using Gateway.Lab.Scenarios.Load;
using Gateway.Lab.Scenarios.Script;

namespace Gateway.Lab.Faults;

/// <summary>
/// Random faults on a cluster of real processes, while clients record what they are told; then every file's history must
/// be one that a single file could have had. <c>docs/fault-scenarios.md</c>.
/// </summary>
/// <remarks>
/// <c>NASGATE_SCENARIO_SEED</c> is the seed of the first scenario, which is drawn otherwise; <c>NASGATE_SCENARIOS</c> is how many.
/// </remarks>
[TestFixture, Category("Faults")]
public sealed class ScenarioTests
{
    private const int CountFirst = 50;

    /// <summary>Comparing all copies takes longer, the more scenarios there were.</summary>
    private const int ScenariosOfAVerify = 10;

    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(90);

    private static readonly int FirstSeed = FromEnvironment("NASGATE_SCENARIO_SEED") ?? RandomNumberGenerator.GetInt32(1_000_000);

    private readonly Dictionary<string, int> _kinds = [];
    private ScenarioCluster? _cluster;
    private int _trees;
    private int _acknowledged;
    private int _unanswered;

    private static IEnumerable<int> Scenarios => Enumerable.Range(0, FromEnvironment("NASGATE_SCENARIOS") ?? CountFirst);

    [SetUp]
    public async Task StartAsync()
    {
        if (_cluster is not null) return;

        _cluster = new ScenarioCluster();
        await _cluster.StartAsync();
    }

    // What a failure left behind shall not be the next one's.
    [TearDown]
    public void StopAfterAFailure()
    {
        if (TestContext.CurrentContext.Result.FailCount > 0) Stop();
    }

    [OneTimeTearDown]
    public void Report()
    {
        Stop();
        var kinds = string.Join(", ", _kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Value} {kind.Key}"));
        TestContext.Progress.WriteLine(
            $"measured: scenarios from seed {FirstSeed}: {_acknowledged} operations acknowledged, {_unanswered} without an answer; faults: {kinds}");
    }

    [TestCaseSource(nameof(Scenarios))]
    public async Task Every_file_is_as_acknowledged(int number)
    {
        var seed = FirstSeed + number;
        var script = new FaultScript(seed);
        var started = Stopwatch.GetTimestamp();
        using var load = await StartLoadAsync(seed);
        await script.RunAsync(_cluster!);
        await RecoverAsync(seed, script);
        var histories = load.Finish();

        Count(script, load);
        TestContext.Progress.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {load.Acknowledged} acknowledged, {load.Unanswered} not answered, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s{load.Refusals}\n{script}"));
        var wrong = histories.Where(history => !history.IsLinearizable()).ToList();
        Assert.That(
            wrong,
            Is.Empty,
            () => $"seed {seed}\n{script}\n{string.Join('\n', wrong)}\n{string.Join('\n', load.Errors)}\n{_cluster!.Tails}");
        Assert.That(load.Errors, Is.Empty, () => $"seed {seed}\n{script}\n{_cluster!.Tails}");
        Assert.That(_cluster!.Ends, Is.Empty, () => $"seed {seed}\n{script}");
        if (number % ScenariosOfAVerify == ScenariosOfAVerify - 1) await VerifyAsync(seed);
    }

    private static int? FromEnvironment(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;

    private async Task<ScenarioLoad> StartLoadAsync(int seed)
    {
        var owner = await _cluster!.OwnerAsync();
        using var share = _cluster.Mount(owner);
        var load = new ScenarioLoad(_cluster, ScenarioTree.Make(share, _trees++), seed);
        load.Start();
        return load;
    }

    private async Task RecoverAsync(int seed, FaultScript script)
    {
        try
        {
            await _cluster!.RecoverAsync(RecoveryMax);
        }
        catch (TimeoutException late)
        {
            Assert.Fail($"seed {seed}\n{script}\n{late.Message}\n{_cluster!.Tails}");
        }
    }

    private async Task VerifyAsync(int seed)
    {
        var (isClean, report) = await _cluster!.VerifyAsync();
        Assert.That(isClean, $"after seed {seed}: {report}");
    }

    private void Count(FaultScript script, ScenarioLoad load)
    {
        _acknowledged += load.Acknowledged;
        _unanswered += load.Unanswered;
        foreach (var kind in script.Kinds) _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
    }

    private void Stop()
    {
        _cluster?.Dispose();
        _cluster = null;
    }
}
