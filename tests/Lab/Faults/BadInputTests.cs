using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Lab.Faults;

/// <summary>
/// Bad input over raw sockets against the real process, while another client works on one connection and must notice
/// nothing. The process must neither die nor grow.
/// </summary>
[TestFixture, Category("Faults")]
public sealed class BadInputTests
{
    private const int IdleConnections = 10_000;
    private const int IdleBytesMax = 16 << 10;
    private const int GreedyClients = 8;
    private const int CallsMax = 1_000_000;
    private const int FuzzRequests = 15_000;

    // Bounds of requests and replies in memory (RpcLimits), write buffers, and what the collector leaves standing.
    private const long GrowthBytesMax = 400 << 20;

    private static readonly TimeSpan NoticeMax = TimeSpan.FromSeconds(30);
    private static readonly IPEndPoint Server = new(IPAddress.Parse(LabNetwork.HostAddress), Nasgate.NfsPort);

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private HostProcess _gateway = null!;
    private Bystander _bystander = null!;
    private BadRequestTargets _targets = null!;
    private long _residentBefore;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _gateway = await new Nasgate(_network, _directory).UpAsync(_directory["data"]);
        using (var share = _network.Mount(0x100))
            _targets = new BadRequestTargets(share.Root, share.Create(share.Root, "target").Handle!.Value);
        _bystander = Bystander.Over(_network.Mount(0x1000, replyMax: NoticeMax));

        // Its own work makes the process grow too: that is not what is measured.
        Assert.That(await Poll.UntilAsync(() => _bystander.Rounds > 100, NoticeMax), _bystander.Error);
        _residentBefore = _gateway.ResidentBytes;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        TestContext.Progress.WriteLine(
            $"measured: bad input: {_residentBefore >> 20} MiB resident before, {_gateway.ResidentBytes >> 20} MiB after; "
            + $"the bystander did {_bystander.Rounds} rounds, the longest {_bystander.LongestRound.TotalMilliseconds:0} ms");
        _bystander.Dispose();
        _gateway.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [TearDown]
    public async Task NobodyElseNotices()
    {
        Assert.That(await _bystander.GoesOnAsync(NoticeMax), _bystander.Error ?? "the bystander stands still");
        Assert.That(_gateway.HasExited, Is.False, _gateway.Tail);
        Assert.That(_gateway.ResidentBytes - _residentBefore, Is.LessThan(GrowthBytesMax));
    }

    [TestCaseSource(typeof(BadRecords), nameof(BadRecords.Closed))]
    public void AStreamThatIsNoStreamOfCallsIsClosed(byte[] bytes)
    {
        using var connection = Connect();
        connection.Send(bytes);
        Assert.That(IsClosed(connection));
    }

    [TestCaseSource(typeof(BadRecords), nameof(BadRecords.Denied))]
    public void ACallThatRpcRefusesIsDeniedAndTheConnectionGoesOn(byte[] record, RpcAuthStatus? because)
    {
        using var connection = Connect();
        connection.Send(BadRecords.Marked(record));
        Assert.That(RpcReplyHeader.TryParse(connection.Receive(), out var reply));
        Assert.That(reply.Status, Is.EqualTo(RpcReplyStatus.Denied));
        if (because is { } expected)
        {
            Assert.That(reply.RejectStatus, Is.EqualTo(RpcRejectStatus.AuthenticationError));
            Assert.That(reply.AuthStatus, Is.EqualTo(expected));
        }
        else
        {
            Assert.That(reply.RejectStatus, Is.EqualTo(RpcRejectStatus.VersionMismatch));
            Assert.That((reply.VersionMin, reply.VersionMax), Is.EqualTo((2u, 2u)));
        }

        Assert.That(IsAlive(connection));
    }

    [TestCaseSource(typeof(BadRequests), nameof(BadRequests.All))]
    public void ABadRequestGetsTheErrorOfItsProtocolAndTheConnectionGoesOn(BadRequest request)
    {
        using var connection = Connect();
        var record = Call(connection, request.Program, request.Version, request.Procedure, request.Arguments(_targets));
        Assert.That(RpcReplyHeader.TryParse(record, out var reply));
        Assert.That(reply.Status, Is.EqualTo(RpcReplyStatus.Accepted));
        Assert.That(reply.AcceptStatus, Is.EqualTo(request.Accepted));
        if (request.Status is { } status)
        {
            var answered = (Nfs3Status)BinaryPrimitives.ReadUInt32BigEndian(record.AsSpan(reply.HeaderBytes));
            Assert.That(answered, Is.EqualTo(status));
        }

        Assert.That(IsAlive(connection));
    }

    [Test]
    public async Task TenThousandIdleConnectionsCostLittle()
    {
        var before = _gateway.ResidentBytes;
        var idle = new List<Socket>(IdleConnections);
        try
        {
            _network.Enter(() =>
            {
                while (idle.Count < IdleConnections)
                    idle.Add(ConnectSocket());
                return idle.Count;
            });

            // Every one of them was accepted and is served: none is only in the kernel's queue.
            Assert.That(idle.All(GetsAReply));
            Assert.That(await _bystander.GoesOnAsync(NoticeMax), _bystander.Error);
            var each = (_gateway.ResidentBytes - before) / IdleConnections;
            TestContext.Out.WriteLine($"measured: {each} resident bytes of the gateway per idle connection");
            Assert.That(each, Is.LessThan(IdleBytesMax));
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    public async Task ClientsThatNeverReadTheirRepliesAreBounded()
    {
        using (var share = _network.Mount(0x200))
            share.Write(_targets.File, 0, new byte[1 << 20], Nfs3Stability.FileSync);
        var arguments = ValidRequests.Encode(writer =>
            new ReadArgs { Handle = _targets.File.Span, Offset = 0, Count = 1 << 20 }.Write(writer));
        var greedy = Enumerable.Range(0, GreedyClients).Select(_ => Connect(TimeSpan.FromSeconds(1))).ToList();
        try
        {
            // Each asks for 1 TiB, or as much as it can send until the server stops reading from it.
            var floods = greedy.Select(connection => Task.Run(() => Flood(connection, arguments, CallsMax)));
            var asked = await Task.WhenAll(floods);
            TestContext.Out.WriteLine($"measured: calls taken from clients that never read: {string.Join(' ', asked)}");
            Assert.That(asked, Has.All.LessThan(CallsMax), "the server never stopped reading");
            Assert.That(await _bystander.GoesOnAsync(NoticeMax), _bystander.Error);
            Assert.That(_gateway.ResidentBytes - _residentBefore, Is.LessThan(GrowthBytesMax));
        }
        finally
        {
            greedy.ForEach(connection => connection.Dispose());
        }
    }

    [Test]
    public void ChangedRequestsAreAnsweredOrCutOff([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        var fuzz = new RequestFuzz(random, _targets);
        var connection = Connect();
        var closed = 0;
        for (var number = 0; number < FuzzRequests; number++)
        {
            try
            {
                connection.Send(BadRecords.Marked(fuzz.Next((uint)number)));
                var reply = connection.Receive();
                Assert.That(RpcReplyHeader.TryParse(reply, out var header), $"seed {seed}, request {number}");
                Assert.That(
                    header is { Status: RpcReplyStatus.Accepted, AcceptStatus: RpcAcceptStatus.SystemError },
                    Is.False,
                    $"seed {seed}, request {number}");
            }
            catch (IOException error) when (!TimedOut(error))
            {
                closed++;
                connection.Dispose();
                connection = Connect();
            }
        }

        connection.Dispose();
        TestContext.Out.WriteLine($"measured: {closed} of {FuzzRequests} changed requests were cut off");
    }

    private RpcConnection Connect(TimeSpan? replyMax = null) =>
        _network.Enter(() => new RpcConnection(Server, replyMax: replyMax ?? NoticeMax));

    private static Socket ConnectSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = (int)NoticeMax.TotalMilliseconds,
        };
        socket.Connect(Server);
        return socket;
    }

    // The whole reply to NULL: a mark and an accepted header with an empty verifier.
    private static bool GetsAReply(Socket socket)
    {
        var reply = new byte[RecordMark.Bytes + RpcReply.AcceptedBytes];
        socket.Send(BadRecords.Null);
        for (var read = 0; read < reply.Length;)
        {
            var more = socket.Receive(reply.AsSpan(read));
            if (more == 0)
                return false;
            read += more;
        }

        return RpcReplyHeader.TryParse(reply.AsSpan(RecordMark.Bytes), out var header) && header.Succeeded;
    }

    private static byte[] Call(RpcConnection connection, uint program, uint version, uint procedure, byte[] arguments)
    {
        var writer = connection.BeginCall(7, program, version, procedure, out var start);
        writer.WriteRaw(arguments);
        connection.EndCall(start);
        return connection.Receive().ToArray();
    }

    private static bool IsAlive(RpcConnection connection) =>
        RpcReplyHeader.TryParse(Call(connection, Nfs3Protocol.Program, Nfs3Protocol.Version, 0, []), out var reply)
        && reply.Succeeded;

    private static bool IsClosed(RpcConnection connection)
    {
        try
        {
            connection.Receive();
            return false;
        }
        catch (IOException error)
        {
            return !TimedOut(error);
        }
    }

    private static bool TimedOut(IOException error) =>
        error.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };

    /// <summary>Calls sent before the server took no more.</summary>
    private static int Flood(RpcConnection connection, byte[] arguments, int calls)
    {
        for (var sent = 0; sent < calls; sent++)
        {
            try
            {
                var writer = connection.BeginCall(
                    (uint)sent, Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)Nfs3Procedure.Read, out var start);
                writer.WriteRaw(arguments);
                connection.EndCall(start);
                connection.Flush();
            }
            catch (IOException)
            {
                return sent;
            }
        }

        return calls;
    }
}
