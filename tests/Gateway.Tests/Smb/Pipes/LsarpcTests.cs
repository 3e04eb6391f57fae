using Gateway.FileSystem.Security;
using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Lsarpc;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Pipes;

namespace Gateway.Tests.Smb.Pipes;

/// <summary>Names for SIDs and back.</summary>
internal sealed class LsarpcTests : PipeFixture
{
    [Test]
    public void EveryIdOfTheVolumeHasAName()
    {
        var names = new AccountNames("NAS", Directory.Sids, [new LocalAccount("nas", 1000)]);
        foreach (var (sid, name, use) in new[]
        {
            (Directory.Sids.OfUser(1000), "nas", SidNameUse.User),
            (Directory.Sids.OfUser(0), "root", SidNameUse.User),
            (Directory.Sids.OfUser(4711), "user-4711", SidNameUse.User),
            (Directory.Sids.OfGroup(100), "users-group", SidNameUse.Group),
            (Directory.Sids.OfGroup(1000), "group-1000", SidNameUse.Group),
            (WellKnownSids.Everyone, "Everyone", SidNameUse.WellKnownGroup),
            (WellKnownSids.Administrators, "Administrators", SidNameUse.Alias),
            (Directory.Sids.Domain, "", SidNameUse.Domain),
        })
        {
            var found = names.Find(sid);
            Assert.That(found?.Name, Is.EqualTo(name));
            Assert.That(found?.Use, Is.EqualTo(use));
            Assert.That(names.Find($"{found!.Domain}\\{name}")?.Sid, Is.EqualTo(sid), name);
            if (name.Length > 0) Assert.That(names.Find(name)?.Sid, Is.EqualTo(sid), name);
        }

        Assert.That(names.Find("NAS")?.Name, Is.EqualTo("nas"), "the user comes first");
        Assert.That(names.Find("nas@NAS")?.Sid, Is.EqualTo(Directory.Sids.OfUser(1000)));
        Assert.That(names.Find("OTHER\\nas"), Is.Null);
        Assert.That(names.Find("stranger"), Is.Null);
        Assert.That(names.Find(""), Is.Null);
        Assert.That(names.Find(Sid.Parse("S-1-5-21-1-2-3-500")), Is.Null);
    }

    [Test]
    public async Task SidsAreLookedUp()
    {
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        var policy = await OpenPolicyAsync(pipe);

        var answer = await CallAsync(pipe, 57, LookupSids(
            policy, Directory.Sids.OfUser(1000), WellKnownSids.Everyone, Sid.Parse("S-1-5-21-1-2-3-500"), Directory.Sids.OfUser(1001)));

        Assert.That(BitConverter.ToUInt32(answer, answer.Length - 8), Is.EqualTo(3), "mapped");
        Assert.That(StatusOf(answer), Is.EqualTo(NtStatus.SomeNotMapped));
        Assert.That(BitConverter.ToUInt32(answer, 4), Is.EqualTo(2), "domains");
        var text = System.Text.Encoding.Unicode.GetString(answer);
        foreach (var name in new[] { "NAS", "nas", "eve", "Everyone", "S-1-5-21-1-2-3-500" }) Assert.That(text, Does.Contain(name));
    }

    [Test]
    public async Task NamesAreLookedUp()
    {
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        var policy = await OpenPolicyAsync(pipe);

        foreach (var operation in new ushort[] { 14, 58, 68 })
        {
            Assert.That(StatusOf(await CallAsync(pipe, operation, LookupNames(policy, "nas", "NAS\\eve", "Everyone"))), Is.EqualTo(NtStatus.Success));
            Assert.That(StatusOf(await CallAsync(pipe, operation, LookupNames(policy, "nas", "x"))), Is.EqualTo(NtStatus.SomeNotMapped));
            Assert.That(StatusOf(await CallAsync(pipe, operation, LookupNames(policy, "x", ""))), Is.EqualTo(NtStatus.NoneMapped));
        }
    }

    [Test]
    public async Task ThePolicyTellsTheDomainOfTheAccounts()
    {
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        var policy = await OpenPolicyAsync(pipe);

        var answer = await CallAsync(pipe, 7, Query(policy, 5));
        Assert.That(StatusOf(answer), Is.EqualTo(NtStatus.Success));
        Assert.That(answer.AsSpan().IndexOf(Directory.Sids.Domain.ToBytes()), Is.Positive);
        foreach (var level in new ushort[] { 3, 6, 12 })
            Assert.That(StatusOf(await CallAsync(pipe, 46, Query(policy, level))), Is.EqualTo(NtStatus.Success));
        Assert.That(StatusOf(await CallAsync(pipe, 46, Query(policy, 1))), Is.EqualTo(NtStatus.InvalidParameter));
    }

    [Test]
    public async Task AClosedHandleIsNone()
    {
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        var policy = await OpenPolicyAsync(pipe);
        var close = new NdrWriter();
        policy.Write(close);

        Assert.That(StatusOf(await CallAsync(pipe, 0, close)), Is.EqualTo(NtStatus.Success));
        Assert.That(await FaultAsync(pipe, Request(0, close.Written.Span)), Is.EqualTo(DceFaultStatus.ContextMismatch));
        Assert.That(await FaultAsync(pipe, Request(7, Query(policy, 5).Written.Span)), Is.EqualTo(DceFaultStatus.ContextMismatch));
    }

    [Test]
    public async Task HandlesAreBounded()
    {
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        for (var count = 0; count < PipeLimits.ContextsMax; count++) await OpenPolicyAsync(pipe);

        Assert.That(StatusOf(await CallAsync(pipe, 44, OpenPolicy())), Is.EqualTo(NtStatus.InsufficientResources));
    }

    [Test]
    public async Task TheUserHearsHisName()
    {
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        var stub = new NdrWriter();
        stub.WriteUniqueString(null);
        stub.WritePointer(false);
        stub.WritePointer();
        stub.WritePointer(false);

        var answer = await CallAsync(pipe, 45, stub);

        Assert.That(StatusOf(answer), Is.EqualTo(NtStatus.Success));
        Assert.That(System.Text.Encoding.Unicode.GetString(answer), Does.Contain("nas").And.Contain("NAS"));
    }

    [Test]
    public async Task CutAndDamagedCallsAreSurvived()
    {
        const int Seed = 5;
        var random = new Random(Seed);
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        var policy = await OpenPolicyAsync(pipe);
        (ushort Operation, byte[] Stub)[] calls =
        [
            (57, LookupSids(policy, Directory.Sids.OfUser(1000), WellKnownSids.Everyone).Written.ToArray()),
            (15, LookupSids(policy, Directory.Sids.OfUser(1000)).Written.ToArray()),
            (68, LookupNames(policy, "nas", "Everyone").Written.ToArray()),
            (44, OpenPolicy().Written.ToArray()),
            (7, Query(policy, 5).Written.ToArray()),
        ];
        foreach (var (operation, stub) in calls)
        {
            for (var cut = 0; cut < stub.Length; cut++) await AnswerAsync(pipe, Request(operation, stub.AsSpan(0, cut)));
            for (var round = 0; round < 3_000; round++)
            {
                var damaged = stub.ToArray();
                for (var hits = random.Next(1, 4); hits > 0; hits--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                await AnswerAsync(pipe, Request(operation, damaged));
            }
        }
    }

    [Test]
    public async Task TooManyLookupsAreAFault()
    {
        using var pipe = await BindAsync("lsarpc", LsarpcProtocol.Syntax);
        var policy = await OpenPolicyAsync(pipe);
        var stub = new NdrWriter();
        policy.Write(stub);
        stub.WriteUInt32(0x10000000);
        stub.WritePointer();
        stub.WriteUInt32(0x10000000);

        Assert.That(await FaultAsync(pipe, Request(57, stub.Written.Span)), Is.EqualTo(DceFaultStatus.BadStubData));
    }

    private static async Task AnswerAsync(Pipe pipe, byte[] message)
    {
        var answer = await TransceiveAsync(pipe, message);
        Assert.That((DcePduType)answer[2], Is.EqualTo(DcePduType.Fault).Or.EqualTo(DcePduType.Response));
    }

    private static async Task<PolicyHandle> OpenPolicyAsync(Pipe pipe)
    {
        var answer = await CallAsync(pipe, 44, OpenPolicy());
        Assert.That(StatusOf(answer), Is.EqualTo(NtStatus.Success));
        return new PolicyHandle(new Guid(answer.AsSpan(4, 16)));
    }

    private static NdrWriter OpenPolicy()
    {
        var stub = new NdrWriter();
        stub.WriteUniqueString("\\\\nas");
        stub.WriteUInt32(24);
        stub.WritePointer(false);
        stub.WritePointer(false);
        stub.WriteUInt32(0);
        stub.WritePointer(false);
        stub.WritePointer();
        stub.WriteUInt32(12);
        stub.WriteUInt16(2);
        stub.WriteByte(1);
        stub.WriteByte(0);
        stub.WriteUInt32(0x02000000);
        return stub;
    }

    private static NdrWriter Query(PolicyHandle policy, ushort level)
    {
        var stub = new NdrWriter();
        policy.Write(stub);
        stub.WriteUInt16(level);
        return stub;
    }

    private static NdrWriter LookupSids(PolicyHandle policy, params Sid[] sids)
    {
        var stub = new NdrWriter();
        policy.Write(stub);
        stub.WriteUInt32((uint)sids.Length);
        stub.WritePointer();
        stub.WriteUInt32((uint)sids.Length);
        foreach (var _ in sids) stub.WritePointer();
        foreach (var sid in sids)
        {
            stub.WriteUInt32((uint)sid.SubAuthorities.Length);
            stub.WriteBytes(sid.ToBytes());
        }

        WriteRest(stub);
        return stub;
    }

    private static NdrWriter LookupNames(PolicyHandle policy, params string[] names)
    {
        var stub = new NdrWriter();
        policy.Write(stub);
        stub.WriteUInt32((uint)names.Length);
        stub.WriteUInt32((uint)names.Length);
        foreach (var name in names) stub.WriteCountedStringHead(name);
        foreach (var name in names) stub.WriteCountedString(name);
        WriteRest(stub);
        return stub;
    }

    private static void WriteRest(NdrWriter stub)
    {
        stub.WriteUInt32(0);
        stub.WritePointer(false);
        stub.WriteUInt16(1);
        stub.WriteUInt32(0);
        stub.WriteUInt32(0);
        stub.WriteUInt32(2);
    }

    private static NtStatus StatusOf(byte[] answer) => (NtStatus)BitConverter.ToUInt32(answer, answer.Length - 4);
}
