using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Lsarpc;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Srvsvc;
using Gateway.Protocol.Wkssvc;
using Gateway.Smb.Pipes;

namespace Gateway.Tests.Smb.Pipes;

/// <summary>Pipes, binding and fragments; and what hostile clients make of them.</summary>
internal sealed class AssociationTests : PipeFixture
{
    [TestCase("srvsvc")]
    [TestCase("SRVSVC")]
    [TestCase("\\srvsvc")]
    [TestCase("\\PIPE\\wkssvc")]
    [TestCase("pipe\\lsarpc")]
    public void PipesAreFoundByEveryName(string name) => Open(name).Dispose();

    [TestCase("")]
    [TestCase("samr")]
    [TestCase("srvsvc2")]
    [TestCase("PIPE\\PIPE\\srvsvc")]
    public void OtherNamesAreNotThere(string name)
    {
        Assert.That(TryOpen(name, Nas, out var pipe), Is.EqualTo(NtStatus.ObjectNameNotFound));
        Assert.That(pipe, Is.Null);
        Assert.That(Pipe.Exists(name), Is.False);
    }

    [Test]
    public async Task WhoHasNoNameListsSharesOnlyWhereThatIsAllowed()
    {
        Assert.That(TryOpen("srvsvc", Nobody, out _), Is.EqualTo(NtStatus.AccessDenied));
        Directory.AllowsAnonymousList = true;
        Assert.That(TryOpen("lsarpc", Nobody, out _), Is.EqualTo(NtStatus.AccessDenied));

        using var pipe = Open("srvsvc", Nobody);
        var answer = await TransceiveAsync(pipe, Bind(
            DcePduType.Bind, 4280, (SrvsvcProtocol.Syntax, [DceSyntax.Ndr]), (LsarpcProtocol.Syntax, [DceSyntax.Ndr])));
        Assert.That(Outcomes(answer), Is.EqualTo(new[] { (0, 0), (2, 1) }));
        Assert.That(await FaultAsync(pipe, Request((ushort)SrvsvcOperation.SessionEnum, [])), Is.EqualTo(DceFaultStatus.AccessDenied));
    }

    [Test]
    public async Task ContextsAreAgreedUponOneByOne()
    {
        using var pipe = Open("srvsvc");

        var answer = await TransceiveAsync(pipe, Bind(
            DcePduType.Bind,
            5840,
            (SrvsvcProtocol.Syntax, [DceSyntax.Ndr]),
            (SrvsvcProtocol.Syntax, [Ndr64]),
            (SrvsvcProtocol.Syntax, [Features]),
            (WkssvcProtocol.Syntax, [Ndr64, DceSyntax.Ndr]),
            (SrvsvcProtocol.Syntax with { Major = 4 }, [DceSyntax.Ndr]),
            (new DceSyntax(Guid.Empty, 0, 0), [DceSyntax.Ndr])));

        Assert.That((DcePduType)answer[2], Is.EqualTo(DcePduType.BindAck));
        Assert.That(BitConverter.ToUInt16(answer, 16), Is.EqualTo(PipeLimits.FragmentBytes));
        Assert.That(BitConverter.ToUInt32(answer, 20), Is.Not.Zero, "association group");
        Assert.That(System.Text.Encoding.ASCII.GetString(answer, 26, answer[24] - 1), Is.EqualTo("\\PIPE\\srvsvc"));
        Assert.That(Outcomes(answer), Is.EqualTo(new[] { (0, 0), (2, 2), (3, 0), (0, 0), (2, 1), (2, 1) }));

        // Another interface later, by alter_context, on the same pipe.
        var altered = await TransceiveAsync(pipe, Bind(DcePduType.AlterContext, 5840, (WkssvcProtocol.Syntax, [DceSyntax.Ndr])));
        Assert.That((DcePduType)altered[2], Is.EqualTo(DcePduType.AlterContextResponse));
        Assert.That(Outcomes(altered), Is.EqualTo(new[] { (0, 0) }));
    }

    [Test]
    public async Task AuthenticationInsideThePipeIsRefused()
    {
        using var pipe = Open("srvsvc");
        var bind = Bind(SrvsvcProtocol.Syntax, DceSyntax.Ndr);
        byte[] authenticated = [.. bind, 10, 2, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
        new DcePduHeader
        {
            Type = DcePduType.Bind,
            Flags = DcePduFlags.Whole,
            FragmentBytes = authenticated.Length,
            AuthenticationBytes = 4,
            CallId = 7,
        }.Write(authenticated);

        var answer = await TransceiveAsync(pipe, authenticated);

        Assert.That((DcePduType)answer[2], Is.EqualTo(DcePduType.BindNak));
        Assert.That(answer[16], Is.EqualTo((byte)DceBindRejection.AuthenticationTypeNotRecognized));
        Assert.That(await pipe.WriteAsync(bind, default), Is.EqualTo(NtStatus.PipeDisconnected));
    }

    [Test]
    public async Task CallsFaultWhenThereIsNothingToCall()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);

        Assert.That(await FaultAsync(pipe, Request(200, [])), Is.EqualTo(DceFaultStatus.OperationRange));
        Assert.That(await FaultAsync(pipe, Request(15, [], context: 9)), Is.EqualTo(DceFaultStatus.UnknownInterface));
        Assert.That(await FaultAsync(pipe, Request(15, [1, 2, 3])), Is.EqualTo(DceFaultStatus.BadStubData));
    }

    [Test]
    public async Task ACallBeforeBindingEndsThePipe()
    {
        using var pipe = Open("srvsvc");

        Assert.That(await FaultAsync(pipe, Request(15, [])), Is.EqualTo(DceFaultStatus.ProtocolError));
        Assert.That(await pipe.WriteAsync(new byte[1], default), Is.EqualTo(NtStatus.PipeDisconnected));
        Assert.That((await pipe.ReadAsync(new byte[1], () => { }, default)).Status, Is.EqualTo(NtStatus.PipeDisconnected));
    }

    [Test]
    public async Task ARequestMayComeInFragmentsAndAFragmentInParts()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        var stub = SrvsvcTests.GetInfo(101).Written.ToArray();
        byte[] wire =
        [
            .. Request(21, stub.AsSpan(0, 4), DcePduFlags.FirstFragment),
            .. Request(21, stub.AsSpan(4, 2), DcePduFlags.None),
            .. Request(21, stub.AsSpan(6), DcePduFlags.LastFragment),
        ];

        for (var at = 0; at < wire.Length; at++)
            Assert.That(await pipe.WriteAsync(wire.AsMemory(at, 1), default), Is.EqualTo(NtStatus.Success));

        Assert.That((DcePduType)(await ReadAsync(pipe))[2], Is.EqualTo(DcePduType.Response));
        Assert.That(await pipe.WriteAsync(wire, default), Is.EqualTo(NtStatus.Success));
        Assert.That((DcePduType)(await ReadAsync(pipe))[2], Is.EqualTo(DcePduType.Response));
    }

    [Test]
    public async Task FragmentsOfNoCallOrAnotherEndThePipe()
    {
        foreach (var wire in new byte[][]
        {
            Request(21, [], DcePduFlags.LastFragment),
            [.. Request(21, [], DcePduFlags.FirstFragment), .. Request(21, [], DcePduFlags.FirstFragment)],
            [.. Request(21, [], DcePduFlags.FirstFragment), .. Request(22, [], DcePduFlags.LastFragment)],
        })
        {
            using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
            Assert.That(await FaultAsync(pipe, wire), Is.EqualTo(DceFaultStatus.ProtocolError));
        }
    }

    [Test]
    public async Task ACallThatNeverEndsIsNotKept()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        var part = new byte[4000];
        Assert.That(await pipe.WriteAsync(Request(15, part, DcePduFlags.FirstFragment), default), Is.EqualTo(NtStatus.Success));
        for (var count = 0; count < 100; count++)
            Assert.That(await pipe.WriteAsync(Request(15, part, DcePduFlags.None), default), Is.EqualTo(NtStatus.Success));

        Assert.That(await FaultAsync(pipe, Request(15, part, DcePduFlags.LastFragment)), Is.EqualTo(DceFaultStatus.RemoteNoMemory));
    }

    [Test]
    public async Task AnswersThatNobodyReadsStopTheCalls()
    {
        using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
        var request = Request(15, SrvsvcTests.Enumerate(1).Written.Span);
        var status = NtStatus.Success;
        for (var count = 0; count < 10_000 && status == NtStatus.Success; count++) status = await pipe.WriteAsync(request, default);

        Assert.That(status, Is.EqualTo(NtStatus.PipeBusy));
        Assert.That(pipe.ReadableBytes, Is.LessThan(2 * PipeLimits.UnreadBytesMax));
    }

    [Test]
    public async Task AMessageIsReadInPartsWhenThereIsNoRoom()
    {
        using var pipe = Open("srvsvc");
        Assert.That(await pipe.WriteAsync(Bind(SrvsvcProtocol.Syntax, DceSyntax.Ndr), default), Is.EqualTo(NtStatus.Success));
        var length = pipe.MessageBytes;
        var buffer = new byte[length];

        Assert.That(await pipe.ReadAsync(buffer.AsMemory(0, 10), () => { }, default), Is.EqualTo(new PipeReading(NtStatus.BufferOverflow, 10)));
        Assert.That(pipe.MessageBytes, Is.EqualTo(length - 10));
        Assert.That(await pipe.ReadAsync(buffer.AsMemory(10), () => { }, default), Is.EqualTo(new PipeReading(NtStatus.Success, length - 10)));
        Assert.That((DcePduType)buffer[2], Is.EqualTo(DcePduType.BindAck));
        Assert.That(pipe.ReadableBytes, Is.Zero);
    }

    [Test]
    public async Task AReadWaitsForAnAnswer()
    {
        using var pipe = Open("srvsvc");
        var pending = 0;
        var buffer = new byte[4280];
        var reading = pipe.ReadAsync(buffer, () => pending++, default);
        Assert.That(reading.IsCompleted, Is.False);
        Assert.That(pending, Is.EqualTo(1));

        await pipe.WriteAsync(Bind(SrvsvcProtocol.Syntax, DceSyntax.Ndr), default);

        Assert.That((await reading).Status, Is.EqualTo(NtStatus.Success));
        Assert.That(pending, Is.EqualTo(1));
    }

    [Test]
    public async Task AWaitingReadEndsWithThePipeOrByItself()
    {
        using var pipe = Open("srvsvc");
        using var stop = new CancellationTokenSource();
        var given = pipe.ReadAsync(new byte[1], () => { }, stop.Token);
        var kept = pipe.ReadAsync(new byte[1], () => { }, default);

        await stop.CancelAsync();
        Assert.That((await given).Status, Is.EqualTo(NtStatus.Cancelled));
        Assert.That(kept.IsCompleted, Is.False);
        pipe.Dispose();
        Assert.That((await kept).Status, Is.EqualTo(NtStatus.PipeDisconnected));
    }

    [Test]
    public async Task DamagedPdusAreSurvived()
    {
        const int Seed = 3;
        var random = new Random(Seed);
        byte[][] samples =
        [
            Bind(SrvsvcProtocol.Syntax, DceSyntax.Ndr),
            Request(15, SrvsvcTests.Enumerate(1).Written.Span),
            Request(21, SrvsvcTests.GetInfo(101).Written.Span),
            Request(12, SrvsvcTests.Enumerate(10, names: 3).Written.Span),
        ];
        for (var round = 0; round < 5_000; round++)
        {
            using var pipe = await BindAsync("srvsvc", SrvsvcProtocol.Syntax);
            for (var messages = 0; messages < 3; messages++)
            {
                var message = samples[random.Next(samples.Length)].ToArray();
                for (var hits = random.Next(1, 4); hits > 0; hits--) message[random.Next(message.Length)] = (byte)random.Next(256);
                await pipe.WriteAsync(message.AsMemory(0, random.Next(2) == 0 ? message.Length : random.Next(message.Length)), default);
            }

            Assert.That(pipe.ReadableBytes, Is.LessThan(2 * PipeLimits.UnreadBytesMax), $"seed {Seed}, round {round}");
        }
    }

    private static (int Outcome, int Reason)[] Outcomes(byte[] answer)
    {
        var portBytes = BitConverter.ToUInt16(answer, 24);
        var at = (26 + portBytes + 3) & ~3;
        var count = answer[at];
        return
        [
            .. Enumerable.Range(0, count).Select(index => (
                (int)BitConverter.ToUInt16(answer, at + 4 + (index * 24)), (int)BitConverter.ToUInt16(answer, at + 6 + (index * 24)))),
        ];
    }
}
