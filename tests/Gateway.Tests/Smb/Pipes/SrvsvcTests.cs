using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Srvsvc;
using Gateway.Protocol.Wkssvc;

namespace Gateway.Tests.Smb.Pipes;

/// <summary>What srvsvc and wkssvc tell.</summary>
internal sealed class SrvsvcTests : PipeFixture
{
    private const int StringMax = 1024;

    internal static NdrWriter Enumerate(uint level, int names = 1, uint preferred = uint.MaxValue, uint? resume = null)
    {
        var stub = new NdrWriter();
        stub.WriteUniqueString("\\\\nas");
        for (var index = 1; index < names; index++) stub.WriteUniqueString(null);
        stub.WriteUInt32(level);
        stub.WriteUInt32(level);
        stub.WritePointer();
        stub.WriteUInt32(0);
        stub.WritePointer(false);
        stub.WriteUInt32(preferred);
        stub.WritePointer(resume is not null);
        if (resume is { } position) stub.WriteUInt32(position);
        return stub;
    }

    internal static NdrWriter GetInfo(uint level, string? name = null)
    {
        var stub = new NdrWriter();
        stub.WriteUniqueString(null);
        if (name is not null) stub.WriteString(name);
        stub.WriteUInt32(level);
        return stub;
    }

    [Test]
    public async Task SharesAreListedByNameTypeAndRemark()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        Assert.That(ReadShares(await CallAsync(pipe, 15, Enumerate(1))), Is.EqualTo(new[]
        {
            ("data", 0u, "Everything"), ("IPC$", 0x80000003u, "Remote IPC"),
        }));
    }

    [TestCase(0u)]
    [TestCase(1u)]
    [TestCase(2u)]
    [TestCase(501u)]
    [TestCase(502u)]
    [TestCase(503u)]
    [TestCase(1005u)]
    public async Task TheLevelAskedForIsTheLevelAnswered(uint level)
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        foreach (var answer in new[] { await CallAsync(pipe, 15, Enumerate(level)), await CallAsync(pipe, 16, GetInfo(level, "DATA")) })
        {
            Assert.That(BitConverter.ToUInt32(answer), Is.EqualTo(level));
            Assert.That(BitConverter.ToUInt32(answer, answer.Length - 4), Is.Zero);
        }
    }

    [TestCase(3u, 124u)]
    [TestCase(1501u, 124u)]
    public async Task AnUnknownLevelIsRefused(uint level, uint error)
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        foreach (var answer in new[]
        {
            await CallAsync(pipe, 15, Enumerate(level)), await CallAsync(pipe, 16, GetInfo(level, "data")), await CallAsync(pipe, 21, GetInfo(level)),
        })
        {
            Assert.That(BitConverter.ToUInt32(answer, answer.Length - 4), Is.EqualTo(error));
        }
    }

    [Test]
    public async Task WhoHasNoNameIsToldNamesOnly()
    {
        Directory.AllowsAnonymousList = true;
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax, Nobody);
        foreach (var (level, error) in new[] { (1u, 0u), (2u, 5u), (502u, 5u), (4u, 124u) })
        {
            foreach (var answer in new[] { await CallAsync(pipe, 15, Enumerate(level)), await CallAsync(pipe, 16, GetInfo(level, "data")) })
                Assert.That(BitConverter.ToUInt32(answer, answer.Length - 4), Is.EqualTo(error), $"level {level}");
        }
    }

    [TestCase("c:\\DATA", 0u)]
    [TestCase("C:\\elsewhere", 2311u)]
    public async Task DirectoriesAreSharedOrNot(string device, uint error)
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        var stub = new NdrWriter();
        stub.WriteUniqueString(null);
        stub.WriteString(device);

        var answer = await CallAsync(pipe, 20, stub);

        Assert.That(BitConverter.ToUInt32(answer, 4), Is.EqualTo(error));
    }

    [Test]
    public async Task AHiddenShareIsFoundByItsNameAndAStrangeOneNot()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        var hidden = await CallAsync(pipe, 16, GetInfo(1, "hidden$"));
        var strange = await CallAsync(pipe, 16, GetInfo(1, "strange"));

        Assert.That(BitConverter.ToUInt32(hidden, hidden.Length - 4), Is.Zero);
        Assert.That(BitConverter.ToUInt32(strange, strange.Length - 4), Is.EqualTo((uint)Win32Error.NetNameNotFound));
    }

    [Test]
    public async Task EncryptionIsTold()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        var answer = await CallAsync(pipe, 16, GetInfo(1005, "data"));

        Assert.That(BitConverter.ToUInt32(answer, 8), Is.EqualTo(0x8000));
    }

    [Test]
    public async Task ManySharesComeInFragmentsAndAsManyAsAreWanted()
    {
        for (var index = 0; index < 500; index++) Directory.Shares.Add(new ShareEntry { Name = $"share{index}", Kind = ShareKind.Disk });
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        var all = ReadShares(await CallAsync(pipe, 15, Enumerate(1)));
        List<(string, uint, string)> parts = [];
        uint resume = 0;
        do
        {
            var answer = await CallAsync(pipe, 15, Enumerate(1, preferred: 4000, resume: resume));
            parts.AddRange(ReadShares(answer));
            var error = BitConverter.ToUInt32(answer, answer.Length - 4);
            resume = BitConverter.ToUInt32(answer, answer.Length - 8);
            Assert.That(error, Is.EqualTo(resume == 0 ? 0u : (uint)Win32Error.MoreData));
        }
        while (resume != 0);

        Assert.That(all, Has.Length.EqualTo(502));
        Assert.That(parts, Is.EqualTo(all));
    }

    [Test]
    public async Task EverybodySeesHisOwnSessionsAndAnAdministratorAll()
    {
        using var plain = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        using var all = await BindAsync("srvsvc", SrvsvcProtocol.Syntax, Root);

        Assert.That(Count(await CallAsync(plain, 12, Enumerate(10, names: 3))), Is.EqualTo(1));
        Assert.That(Count(await CallAsync(all, 12, Enumerate(10, names: 3))), Is.EqualTo(2));
        foreach (var level in new uint[] { 0, 1, 2, 10, 502 })
        {
            var answer = await CallAsync(plain, 12, Enumerate(level, names: 3));
            Assert.That(BitConverter.ToUInt32(answer), Is.EqualTo(level));
            Assert.That(BitConverter.ToUInt32(answer, answer.Length - 4), Is.Zero);
        }
    }

    [Test]
    public async Task WhatIsNobodysBusinessIsRefused()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        foreach (var answer in new[]
        {
            await CallAsync(pipe, 8, Enumerate(1, names: 2)), await CallAsync(pipe, 9, Enumerate(3, names: 3)), await CallAsync(pipe, 14, new NdrWriter()),
        })
        {
            Assert.That(BitConverter.ToUInt32(answer, answer.Length - 4), Is.EqualTo((uint)Win32Error.AccessDenied));
        }
    }

    [Test]
    public async Task TheServerTellsWhatItIs()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        var answer = ReadServer(await CallAsync(pipe, 21, GetInfo(101)));
        var longer = await CallAsync(pipe, 21, GetInfo(102));

        Assert.That(answer, Is.EqualTo("NAS: a comment"));
        Assert.That(BitConverter.ToUInt32(longer, longer.Length - 4), Is.Zero);
    }

    [Test]
    public async Task TheTimeIsUniversal()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        var stub = new NdrWriter();
        stub.WriteUniqueString(null);

        var answer = await CallAsync(pipe, 28, stub);

        var values = Enumerable.Range(0, 14).Select(index => BitConverter.ToUInt32(answer, index * 4)).ToArray();
        Assert.That(answer, Has.Length.EqualTo(14 * 4));
        Assert.That(values[1], Is.EqualTo(1772368496));
        Assert.That(values[3..6], Is.EqualTo(new uint[] { 12, 34, 56 }));
        Assert.That(values[7], Is.Zero);
        Assert.That(values[9..13], Is.EqualTo(new uint[] { 1, 3, 2026, 0 }));
    }

    [TestCase("data", 9u, 0u)]
    [TestCase("da/ta", 9u, 123u)]
    [TestCase("", 9u, 123u)]
    [TestCase("data", 0u, 87u)]
    public async Task NamesAreJudged(string name, uint type, uint error)
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        var stub = GetInfo(type, name);
        stub.WriteUInt32(0);

        Assert.That(BitConverter.ToUInt32(await CallAsync(pipe, 33, stub)), Is.EqualTo(error));
    }

    [TestCase(100u, false, 0u)]
    [TestCase(101u, false, 0u)]
    [TestCase(102u, false, 5u)]
    [TestCase(102u, true, 0u)]
    [TestCase(103u, true, 124u)]
    public async Task TheWorkstationTellsWhatItIs(uint level, bool administrator, uint error)
    {
        using var pipe = await BindAsync("wkssvc", WkssvcProtocol.Syntax, administrator ? Root : Nas);

        var answer = await CallAsync(pipe, 0, GetInfo(level));

        Assert.That(BitConverter.ToUInt32(answer), Is.EqualTo(level));
        Assert.That(BitConverter.ToUInt32(answer, answer.Length - 4), Is.EqualTo(error));
    }

    [Test]
    public async Task UsersOfTheWorkstationAreForAdministrators()
    {
        using var plain = await BindAsync("wkssvc", WkssvcProtocol.Syntax);
        using var all = await BindAsync("wkssvc", WkssvcProtocol.Syntax, Root);

        var refused = await CallAsync(plain, 2, Enumerate(1));

        Assert.That(BitConverter.ToUInt32(refused, refused.Length - 4), Is.EqualTo((uint)Win32Error.AccessDenied));
        Assert.That(Count(await CallAsync(all, 2, Enumerate(1))), Is.EqualTo(2));
    }

    /// <summary>Every truncation of every call is a fault or an answer, and never anything else.</summary>
    [Test]
    public async Task CutCallsAreFaults()
    {
        (ushort Operation, NdrWriter Stub)[] calls =
        [
            (15, Enumerate(1)), (12, Enumerate(10, names: 3)), (9, Enumerate(3, names: 3)), (16, GetInfo(1, "data")), (21, GetInfo(101)),
        ];
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        foreach (var (operation, stub) in calls)
        {
            for (var cut = 0; cut < stub.Length; cut++)
            {
                var fault = await FaultAsync(pipe, Request(operation, stub.Written.Span[..cut]));
                Assert.That(fault, Is.EqualTo(DceFaultStatus.BadStubData), $"operation {operation}, {cut} bytes");
            }
        }
    }

    [Test]
    public async Task AbsurdCountsAreFaults()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        var stub = Enumerate(1).Written.ToArray();
        for (var at = 0; at + 4 <= stub.Length; at += 4)
        {
            var damaged = stub.ToArray();
            damaged.AsSpan(at, 4).Fill(0xFF);
            var answer = await TransceiveAsync(pipe, Request(15, damaged));
            Assert.That((DcePduType)answer[2], Is.EqualTo(DcePduType.Fault).Or.EqualTo(DcePduType.Response));
        }
    }

    private static uint Count(byte[] answer) => BitConverter.ToUInt32(answer, 12);

    private static (string Name, uint Kind, string Remark)[] ReadShares(byte[] answer)
    {
        var reader = new NdrReader(answer);
        reader.ReadBytes(12);
        var count = (int)reader.ReadUInt32();
        reader.ReadBytes(8);
        var kinds = new uint[count];
        for (var index = 0; index < count; index++)
        {
            reader.ReadUInt32();
            kinds[index] = reader.ReadUInt32();
            reader.ReadUInt32();
        }

        var shares = new (string, uint, string)[count];
        for (var index = 0; index < count; index++) shares[index] = (reader.ReadString(StringMax), kinds[index], reader.ReadString(StringMax));
        reader.ReadUInt32();
        Assert.That(reader.Intact, Is.True);
        return shares;
    }

    private static string ReadServer(byte[] answer)
    {
        var reader = new NdrReader(answer);
        reader.ReadBytes(8 + 24);
        return $"{reader.ReadString(StringMax)}: {reader.ReadString(StringMax)}";
    }
}
