namespace Gateway.Lab.Faults;

/// <summary>SIGSTOP: processes that neither answer nor close their connections, under a kernel client's load.</summary>
[TestFixture, Category("Faults")]
public sealed class HangTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);

    [Test]
    public async Task WorkGoesOnWhileANodeHangs()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var guest = await StartLoadAsync(network, directory);
        for (var node = 0; node < LabCluster.NodeCount; node++)
        {
            cluster.SignalNode(node, Signals.Stop);
            await cluster.NodeReportedAsync(node, "silent", StepMax);
            await AdvanceAsync(guest, rounds: 2);
            cluster.SignalNode(node, Signals.Continue);
            await cluster.LevelAsync(StepMax);
        }

        await EndLoadAsync(cluster, guest);
    }

    [Test]
    public async Task AClientWaitsForAHungMajorityAndSeesNoError()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var guest = await StartLoadAsync(network, directory);
        cluster.SignalNode(0, Signals.Stop);
        cluster.SignalNode(1, Signals.Stop);
        await cluster.NodeReportedAsync(0, "silent", StepMax);
        await cluster.NodeReportedAsync(1, "silent", StepMax);

        // What two nodes have not, nobody is told.
        var stuck = guest.Count("rounds");
        await Task.Delay(TimeSpan.FromSeconds(5));
        Assert.That(guest.Count("rounds"), Is.LessThanOrEqualTo(stuck + 1));

        cluster.SignalNode(1, Signals.Continue);
        await AdvanceAsync(guest, rounds: 2);
        cluster.SignalNode(0, Signals.Continue);
        await cluster.LevelAsync(StepMax);
        await EndLoadAsync(cluster, guest);
    }

    [Test]
    public async Task AClientOutlivesAHungGateway()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var guest = await StartLoadAsync(network, directory);
        for (var time = 0; time < 2; time++)
        {
            cluster.Gateway.Signal(Signals.Stop);
            await Task.Delay(TimeSpan.FromSeconds(8));
            cluster.Gateway.Signal(Signals.Continue);
            await AdvanceAsync(guest, rounds: 2);
        }

        await cluster.LevelAsync(StepMax);
        await EndLoadAsync(cluster, guest);
    }

    private static async Task<GuestKernel> StartLoadAsync(LabNetwork network, LabDirectory directory)
    {
        var guest = await GuestKernel.BootAsync(network, directory, "load.sh");
        Assert.That(await guest.MarkedAsync("working", StepMax), "the load did not begin");
        await AdvanceAsync(guest, rounds: 1);
        return guest;
    }

    private static async Task AdvanceAsync(GuestKernel guest, int rounds)
    {
        var goal = guest.Count("rounds") + rounds;
        Assert.That(
            await Poll.UntilAsync(() => guest.Count("rounds") >= goal || guest.HasEnded, StepMax),
            $"the client stands at round {guest.Count("rounds")} of {goal}");
    }

    private static async Task EndLoadAsync(LabCluster cluster, GuestKernel guest)
    {
        guest.Go("stop");
        (await guest.ReportAsync(StepMax)).AssertPassed("load");
        var (clean, verified) = await cluster.Nasgate.VerifyAsync();
        Assert.That(clean, verified.ToString());
    }
}
