using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Faults;

/// <summary>A request that arrives again with its transaction id gets the first answer, restart or not.</summary>
[TestFixture, Category("Faults")]
public sealed class RetransmissionTests
{
    private const int Calls = 4;

    private static readonly string[] Names = ["REMOVE", "RENAME", "MKDIR", "CREATE EXCLUSIVE"];

    private readonly byte[][] _first = new byte[Calls][];
    private readonly byte[][] _sameConnection = new byte[Calls][];
    private readonly byte[][] _newConnection = new byte[Calls][];
    private readonly byte[][] _afterRestart = new byte[Calls][];
    private readonly byte[][] _afterKill = new byte[Calls][];

    [OneTimeSetUp]
    public async Task SendEveryCallFiveTimes()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        byte[][] calls;
        using (var share = network.Mount(0x2000))
        {
            share.Create(share.Root, "removed");
            share.Create(share.Root, "old");
            calls = Encode(share);
            Send(share, calls, _first);
            Send(share, calls, _sameConnection);
        }

        using (var share = network.Mount(0x3000))
            Send(share, calls, _newConnection);

        await cluster.StopGatewayAsync();
        await cluster.StartGatewayAsync();
        using (var share = network.Mount(0x4000))
            Send(share, calls, _afterRestart);

        await cluster.KillEverythingAsync();
        await cluster.StartAsync();
        using (var share = network.Mount(0x5000))
            Send(share, calls, _afterKill);
    }

    [Test]
    public void TheFirstAnswerIsSuccess([Range(0, Calls - 1)] int call) =>
        Assert.That(_first[call].AsSpan(24, 4).ToArray(), Is.EqualTo(new byte[4]), Names[call]);

    [Test]
    public void TheSameConnectionGetsTheFirstAnswer([Range(0, Calls - 1)] int call) =>
        Assert.That(_sameConnection[call], Is.EqualTo(_first[call]), Names[call]);

    [Test]
    public void ANewConnectionGetsTheFirstAnswer([Range(0, Calls - 1)] int call) =>
        Assert.That(_newConnection[call], Is.EqualTo(_first[call]), Names[call]);

    [Test]
    public void ARestartedGatewayGivesTheFirstAnswer([Range(0, Calls - 1)] int call) =>
        Assert.That(_afterRestart[call], Is.EqualTo(_first[call]), Names[call]);

    [Test]
    public void AKilledClusterGivesTheFirstAnswer([Range(0, Calls - 1)] int call) =>
        Assert.That(_afterKill[call], Is.EqualTo(_first[call]), Names[call]);

    private static byte[][] Encode(NfsShare share) =>
    [
        Call(share, Nfs3Procedure.Remove, writer => NfsShare.Where(share.Root, "removed").Write(writer)),
        Call(share, Nfs3Procedure.Rename, writer =>
            new RenameArgs
            {
                From = NfsShare.Where(share.Root, "old"),
                To = NfsShare.Where(share.Root, "new"),
            }.Write(writer)),
        Call(share, Nfs3Procedure.MkDir, writer =>
            new MkDirArgs
            {
                Where = NfsShare.Where(share.Root, "made"),
                Attributes = new() { Mode = 0x1ED },
            }.Write(writer)),
        Call(share, Nfs3Procedure.Create, writer =>
            new CreateArgs
            {
                Where = NfsShare.Where(share.Root, "exclusive"),
                Mode = Nfs3CreateMode.Exclusive,
                Verifier = 0x0123_4567_89AB_CDEF,
            }.Write(writer)),
    ];

    private static byte[] Call(NfsShare share, Nfs3Procedure procedure, Action<Protocol.Wire.XdrWriter> write)
    {
        var writer = share.Connection.BeginCall(
            share.NextXid(), Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)procedure, out var start);
        write(writer);
        return share.Connection.TakeCall(start);
    }

    private static void Send(NfsShare share, byte[][] calls, byte[][] answers)
    {
        for (var call = 0; call < calls.Length; call++)
        {
            share.Connection.Send(calls[call]);
            answers[call] = share.Connection.Receive().ToArray();
        }
    }
}
