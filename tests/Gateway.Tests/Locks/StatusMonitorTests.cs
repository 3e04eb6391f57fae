using System.Net;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Nsm;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Locks;

[TestFixture]
internal sealed class StatusMonitorTests : LockFixture
{
    [TestCase("one.example")]
    [TestCase("one", Description = "sm-notify sends the short name too")]
    [TestCase("ONE.example")]
    [TestCase("renamed", Description = "whoever restarts at this address")]
    public async Task A_restart_frees_the_locks_of_that_client_only(string under)
    {
        Assert.That(await One.LockAsync(Handle, 0, 10), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 10, 10), Is.EqualTo(Nlm4Status.Granted));
        await One.NotifyAsync(One.State + 2, under);

        Assert.That((await Two.TestAsync(Handle, 0, 10)).Status, Is.EqualTo(Nlm4Status.Granted));
        Assert.That((await One.TestAsync(Handle, 10, 10)).Status, Is.EqualTo(Nlm4Status.Denied));
    }

    [Test]
    public async Task A_notice_by_datagram_counts_too()
    {
        await using var monitor = Host.Handler.ListenForDatagrams(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        await One.NotifyByDatagramAsync(monitor.LocalEndPoint, One.State + 2);

        Assert.That((await Two.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Granted));
    }

    [Test]
    public async Task A_late_notice_of_the_restart_before_these_locks_frees_nothing()
    {
        One.State = 7;
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        await One.NotifyAsync(7);

        Assert.That((await Two.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Denied));
    }

    [Test]
    public async Task A_notice_from_elsewhere_frees_nothing()
    {
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        var stranger = Client(9, "one.example");
        await stranger.NotifyAsync(99);

        Assert.That((await Two.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Denied));
    }

    [Test]
    public async Task A_client_back_with_a_later_state_has_restarted()
    {
        Assert.That(await One.LockAsync(Handle, 0, 10, svid: 1), Is.EqualTo(Nlm4Status.Granted));
        One.State += 2;
        Assert.That(await One.LockAsync(Handle, 20, 10, svid: 2), Is.EqualTo(Nlm4Status.Granted));

        Assert.That((await Two.TestAsync(Handle, 0, 10)).Status, Is.EqualTo(Nlm4Status.Granted), "from before");
        Assert.That((await Two.TestAsync(Handle, 20, 10)).Status, Is.EqualTo(Nlm4Status.Denied));
    }

    [Test]
    public async Task Locks_and_monitors_outlive_the_server()
    {
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        await RestartAsync();
        Assert.That((await Two.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Denied));
        Assert.That(Server.ClientCount, Is.EqualTo(1));

        await One.NotifyAsync(One.State + 2);
        Assert.That((await Two.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Granted));
        Assert.That(Server.ClientCount, Is.Zero);
        Assert.That(Tree.Monitors.List(), Is.Empty);
    }

    [Test]
    public async Task Free_all_frees_unmonitored_locks_of_that_client_only()
    {
        Assert.That(await One.LockAsync(Handle, 0, 10, procedure: Nlm4Procedure.UnmonitoredLock), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 10, 10), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(Server.ClientCount, Is.EqualTo(1), "the first one is not monitored");
        await One.FreeAllAsync();

        Assert.That((await Two.TestAsync(Handle, 0, 10)).Status, Is.EqualTo(Nlm4Status.Granted));
        Assert.That((await One.TestAsync(Handle, 10, 10)).Status, Is.EqualTo(Nlm4Status.Denied));
    }

    [Test]
    public async Task Our_own_state_is_up_and_stays()
    {
        Assert.That(await StateAsync(), Is.EqualTo(1));
        await RestartAsync();
        Assert.That(await StateAsync(), Is.EqualTo(1));

        async Task<int> StateAsync()
        {
            var (_, results) = await One.CallAsync(NsmProtocol.Program, 1, (uint)NsmProcedure.Stat, writer =>
                new NsmNameArgs { Name = "host"u8 }.Write(writer));
            Assert.That(NsmStatusResult.TryParse(results, out var status));
            Assert.That(status.Outcome, Is.EqualTo(NsmOutcome.Success));
            return status.State;
        }
    }

    [Test]
    public async Task Nobody_registers_with_us()
    {
        var (_, results) = await One.CallAsync(NsmProtocol.Program, 1, (uint)NsmProcedure.Monitor, writer => new NsmMonitorArgs
        {
            Name = "host"u8,
            Callback = new NsmCallbackArgs { Name = "me"u8, Program = 1, Version = 1, Procedure = 1 },
            Private = new byte[16],
        }.Write(writer));
        Assert.That(NsmStatusResult.TryParse(results, out var status));
        Assert.That(status.Outcome, Is.EqualTo(NsmOutcome.Failure));
        var (crash, _) = await One.CallAsync(NsmProtocol.Program, 1, (uint)NsmProcedure.SimulateCrash);
        Assert.That(crash.AcceptStatus, Is.EqualTo(RpcAcceptStatus.ProcedureUnavailable));
    }
}
