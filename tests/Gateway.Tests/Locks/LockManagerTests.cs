using System.Net;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Wire;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Locks;

[TestFixture]
internal sealed class LockManagerTests : LockFixture
{
    [Test]
    public async Task Test_names_who_is_in_the_way()
    {
        Assert.That((await Two.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.LockAsync(Handle, 100, 50, svid: 7), Is.EqualTo(Nlm4Status.Granted));

        Assert.That(
            await Two.TestAsync(Handle, 120, 0),
            Is.EqualTo((Nlm4Status.Denied, 7, "7@one.example", 100UL, 50UL)));
        Assert.That((await Two.TestAsync(Handle, 150, 10)).Status, Is.EqualTo(Nlm4Status.Granted));
        Assert.That((await One.TestAsync(Handle, 120, 0, svid: 7)).Status, Is.EqualTo(Nlm4Status.Granted), "its own");
    }

    [Test]
    public async Task Locks_exclude_each_other_until_unlocked()
    {
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Denied));
        Assert.That(await Two.LockAsync(Handle, 5, 1, exclusive: false), Is.EqualTo(Nlm4Status.Denied));
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted), "asked again");
        Assert.That(await One.UnlockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.UnlockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted), "asked again");
        Assert.That(await Two.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
    }

    [Test]
    public async Task A_late_copy_of_a_lock_takes_nothing()
    {
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.UnlockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        One.Disconnect();
        One.NextXid = 1;
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted), "the first answer");
        Assert.That(await Two.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted), "nobody holds it");
    }

    [Test]
    public async Task A_late_copy_of_an_unlock_lets_nobody_in()
    {
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.UnlockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        One.Disconnect();
        One.NextXid = 2;
        Assert.That(await One.UnlockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted), "the first answer");
        Assert.That(await Two.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Denied), "it is held");
    }

    [Test]
    public async Task A_late_copy_of_a_refused_lock_takes_nothing()
    {
        Assert.That(await Two.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Denied));
        Assert.That(await Two.UnlockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        One.NextXid = 1;
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Denied), "the first answer");
        Assert.That(await Two.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted), "nobody holds it");
    }

    [Test]
    public async Task Hosts_ofOne_name_or_ofOne_address_are_notOne_host()
    {
        var sameName = Client(4, "one.example");
        var sameAddress = Client(2, "other.example");
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await sameName.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Denied));
        Assert.That(await sameAddress.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Denied));
    }

    [Test]
    public async Task A_waiting_client_is_called_when_its_lock_is_free()
    {
        await Two.StartLockManagerAsync();
        Assert.That(await One.LockAsync(Handle, 10, 20), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 15, 0, block: true, svid: 9), Is.EqualTo(Nlm4Status.Blocked));
        await One.UnlockAsync(Handle, 10, 20);
        await Eventually.HoldsAsync(() => !Two.Granted.IsEmpty && Server.PendingGrants == 0);

        var granted = Two.Granted.Single();
        Assert.That(granted.Procedure, Is.EqualTo(Nlm4Procedure.Granted));
        Assert.That(granted.Handle, Is.EqualTo(Handle));
        Assert.That((granted.Svid, granted.Offset, granted.Length), Is.EqualTo((9, 15UL, 0UL)));
        Assert.That(granted.From, Is.EqualTo(IPAddress.Loopback), "from the address the client knows");
        Assert.That((await One.TestAsync(Handle, 16, 1)).Svid, Is.EqualTo(9));
    }

    [Test]
    public async Task A_wait_that_would_never_end_is_a_deadlock()
    {
        Assert.That(await One.LockAsync(Handle, 0, 1), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 1, 1), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.LockAsync(Handle, 1, 1, block: true), Is.EqualTo(Nlm4Status.Blocked));
        Assert.That(await Two.LockAsync(Handle, 0, 1), Is.EqualTo(Nlm4Status.Denied), "it would not wait");
        Assert.That(await Two.LockAsync(Handle, 0, 1, block: true), Is.EqualTo(Nlm4Status.Deadlock));
    }

    [Test]
    public async Task A_call_back_is_repeated_until_the_client_can_be_reached()
    {
        await WaitForGrantAsync();
        await Two.StartLockManagerAsync();
        await Eventually.HoldsAsync(() => Server.PendingGrants == 0);

        Assert.That(Two.Granted, Is.Not.Empty);
        Assert.That((await One.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Denied), "the client has it");
    }

    [Test]
    public async Task A_client_that_is_never_reached_loses_the_lock_it_does_not_know_of()
    {
        await WaitForGrantAsync();
        await Eventually.HoldsAsync(() => Server.PendingGrants == 0);
        await HoldsEventuallyAsync(One, Nlm4Status.Granted);
    }

    [Test]
    public async Task A_client_that_does_not_want_the_lock_any_more_does_not_keep_it()
    {
        Two.Answer = Nlm4Status.Denied;
        await Two.StartLockManagerAsync();
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 0, 0, block: true), Is.EqualTo(Nlm4Status.Blocked));
        await One.UnlockAsync(Handle, 0, 0);
        await Eventually.HoldsAsync(() => !Two.Granted.IsEmpty);
        await HoldsEventuallyAsync(One, Nlm4Status.Granted);
    }

    [Test]
    public async Task Cancel_ends_the_waiting()
    {
        await Two.StartLockManagerAsync();
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 0, 0, block: true), Is.EqualTo(Nlm4Status.Blocked));
        Assert.That(await Two.CancelAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.CancelAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Denied), "nothing waits");
        await One.UnlockAsync(Handle, 0, 0);

        Assert.That((await One.TestAsync(Handle, 0, 0, svid: 5)).Status, Is.EqualTo(Nlm4Status.Granted));
        Assert.That(Two.Granted, Is.Empty);
    }

    [Test]
    public async Task Cancel_takes_back_a_grant_the_client_has_not_heard_of()
    {
        await WaitForGrantAsync();
        Assert.That(await Two.CancelAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(Server.PendingGrants, Is.Zero);
        Assert.That((await One.TestAsync(Handle, 0, 0, svid: 5)).Status, Is.EqualTo(Nlm4Status.Granted));
    }

    [Test]
    public async Task Asking_again_finds_the_lock_granted_and_ends_the_call_backs()
    {
        await WaitForGrantAsync();
        Assert.That(await Two.LockAsync(Handle, 0, 0, block: true), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(Server.PendingGrants, Is.Zero);
        Assert.That((await One.TestAsync(Handle, 0, 0)).Status, Is.EqualTo(Nlm4Status.Denied));
    }

    [Test]
    public async Task Requests_by_message_are_answered_by_message()
    {
        await One.StartLockManagerAsync();
        await One.LockAsync(Handle, 0, 10, procedure: Nlm4Procedure.LockMessage, cookie: "first");
        await Eventually.HoldsAsync(() => One.Results.Count == 1);
        await One.UnlockAsync(Handle, 0, 10, procedure: Nlm4Procedure.UnlockMessage);
        await Eventually.HoldsAsync(() => One.Results.Count == 2);

        Assert.That(One.Results, Is.EqualTo(new[]
        {
            (Nlm4Procedure.LockResult, "first", Nlm4Status.Granted),
            (Nlm4Procedure.UnlockResult, "u", Nlm4Status.Granted),
        }));
    }

    [Test]
    public async Task A_client_that_waits_by_message_is_called_by_message_and_confirms()
    {
        await Two.StartLockManagerAsync();
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        await Two.LockAsync(Handle, 0, 0, block: true, procedure: Nlm4Procedure.LockMessage);
        await Eventually.HoldsAsync(() => Two.Results.Any(result => result.Status == Nlm4Status.Blocked));
        await One.UnlockAsync(Handle, 0, 0);
        await Eventually.HoldsAsync(() => !Two.Granted.IsEmpty);

        var granted = Two.Granted.First();
        Assert.That(granted.Procedure, Is.EqualTo(Nlm4Procedure.GrantedMessage));
        await Two.CallAsync(Nlm4Protocol.Program, 4, (uint)Nlm4Procedure.GrantedResult, writer =>
            new Nlm4Result { Cookie = granted.Cookie, Status = Nlm4Status.Granted }.Write(writer));
        Assert.That(Server.PendingGrants, Is.Zero);
    }

    [Test]
    public async Task Shares_deny_what_they_say()
    {
        Assert.That(await One.ShareAsync(Handle, Nlm4ShareBits.Read, Nlm4ShareBits.Write), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.ShareAsync(Handle, Nlm4ShareBits.Write, Nlm4ShareBits.None), Is.EqualTo(Nlm4Status.Denied));
        Assert.That(await Two.ShareAsync(Handle, Nlm4ShareBits.Read, Nlm4ShareBits.None), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await One.ShareAsync(Handle, 0, 0, ends: true), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.ShareAsync(Handle, Nlm4ShareBits.Write, Nlm4ShareBits.None), Is.EqualTo(Nlm4Status.Granted));
    }

    [Test]
    public async Task Bad_requests_get_their_status()
    {
        Assert.That(await One.LockAsync(new byte[48], 0, 0), Is.EqualTo(Nlm4Status.StaleHandle));
        Assert.That(await One.LockAsync([], 0, 0), Is.EqualTo(Nlm4Status.StaleHandle));
        Assert.That(await One.LockAsync(Handle, 1UL << 63, 1), Is.EqualTo(Nlm4Status.FileTooBig));
        Assert.That(await One.LockAsync(Handle, 10, ulong.MaxValue), Is.EqualTo(Nlm4Status.FileTooBig));
        Assert.That(await One.LockAsync(Handle, long.MaxValue, 1), Is.EqualTo(Nlm4Status.Granted), "the last byte there is");
    }

    [TestCase(1u)]
    [TestCase(3u)]
    public async Task Other_versions_are_refused_with_the_range(uint version)
    {
        var (header, _) = await One.CallAsync(Nlm4Protocol.Program, version, 0);
        Assert.That(header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.ProgramMismatch));
        Assert.That((header.VersionMin, header.VersionMax), Is.EqualTo((4u, 4u)));
    }

    [Test]
    public async Task Garbage_is_garbage_in_every_procedure()
    {
        foreach (var procedure in Enum.GetValues<Nlm4Procedure>())
        {
            var (header, _) = await One.CallAsync(Nlm4Protocol.Program, 4, (uint)procedure, writer => writer.WriteUInt32(9));
            var expected = procedure switch
            {
                Nlm4Procedure.Null => RpcAcceptStatus.Success,
                Nlm4Procedure.Granted or Nlm4Procedure.GrantedMessage or Nlm4Procedure.LinuxNotify => RpcAcceptStatus.ProcedureUnavailable,
                >= Nlm4Procedure.TestResult and <= Nlm4Procedure.UnlockResult => RpcAcceptStatus.ProcedureUnavailable,
                _ => RpcAcceptStatus.GarbageArguments,
            };
            Assert.That(header.AcceptStatus, Is.EqualTo(expected), procedure.ToString());
        }
    }

    private static async Task HoldsEventuallyAsync(LockClientHost client, Nlm4Status expected, byte[] handle)
    {
        for (var i = 0; i < 3000; i++)
        {
            if ((await client.TestAsync(handle, 0, 0, svid: 5)).Status == expected) return;
            await Task.Delay(10);
        }

        Assert.Fail($"never {expected}");
    }

    private Task HoldsEventuallyAsync(LockClientHost client, Nlm4Status expected) =>
        HoldsEventuallyAsync(client, expected, Handle);

    // The second client waits for the first one's lock, gets it, and cannot be told: its lock manager does not run.
    private async Task WaitForGrantAsync()
    {
        Assert.That(await One.LockAsync(Handle, 0, 0), Is.EqualTo(Nlm4Status.Granted));
        Assert.That(await Two.LockAsync(Handle, 0, 0, block: true), Is.EqualTo(Nlm4Status.Blocked));
        await One.UnlockAsync(Handle, 0, 0);
        await Eventually.HoldsAsync(() => Server.PendingGrants == 1);
    }
}
