using Gateway.Protocol.Smb2;
using Gateway.Replication.Store;
using Gateway.Smb;
using Gateway.SmbClient;

namespace Gateway.Tests.Smb.Commands;

/// <summary>A server with a continuous share that dies and is started again on the same volume.</summary>
public abstract class PersistentHost
{
    protected const uint Everything = 0x1F01FF;
    protected const uint Persistent = 2;
    protected const byte LeaseLevel = 0xFF;

    private static readonly SmbServerOptions Options = SmbHost.DefaultOptions with { OffersPersistent = true };

    private readonly List<SmbSession> _sessions = [];
    private int _guids;

    private protected SmbHost Host { get; private set; } = null!;

    protected MemoryVolumeStore Store { get; private set; } = new();

    /// <summary>What the client calls its CREATE.</summary>
    protected static Guid Create { get; } = new("cccccccc-0000-0000-0000-000000000001");

    protected static Guid LeaseKey { get; } = new(7, 0, 0, new byte[8]);

    /// <summary>A name that nothing has yet.</summary>
    protected Guid Another() => new(++_guids, 1, 1, new byte[8]);

    [SetUp]
    public async Task StartAsync()
    {
        Store = new MemoryVolumeStore();
        Host = await SmbHost.StartAsync(Options, Store);
    }

    [TearDown]
    public async Task EndAsync()
    {
        _sessions.ForEach(session => session.Dispose());
        _sessions.Clear();
        await Host.DisposeAsync();
    }

    /// <summary>Another gateway opens the volume; all sessions are gone.</summary>
    protected async Task FailOverAsync()
    {
        await EndAsync();
        Store.StartNextEpoch();
        Host = await SmbHost.StartAsync(Options, Store);
    }

    protected SmbSession Enter(
        int client = 1, string user = SmbHost.User, string share = SmbHost.ContinuousShare, params ushort[] dialects)
    {
        var session = Host.Open(client, user, share, dialects);
        _sessions.Add(session);
        return session;
    }

    protected static byte[] Body(
        string name = "f", Guid? create = null, uint flags = Persistent, uint timeout = 0, byte oplock = 0, byte[]? lease = null,
        uint options = 0, uint share = 7, uint disposition = 3) =>
        Bodies.Create(
            name,
            Everything,
            disposition,
            options,
            share,
            lease is null ? oplock : LeaseLevel,
            contexts: [.. Bodies.DurableContext(create ?? Create, timeout, last: lease is null, flags), .. lease ?? []]);

    protected static SmbFileId Persist(
        SmbSession session, string name = "f", Guid? create = null, byte oplock = 0, byte[]? lease = null, uint options = 0,
        uint share = 7)
    {
        var reply = session.Ask(Smb2Command.Create, Body(name, create, oplock: oplock, lease: lease, options: options, share: share));
        Assert.That(FlagsOf(reply.Require(NtStatus.Success)), Is.EqualTo(Persistent));
        return reply.FileId;
    }

    /// <summary>Flags of the grant; null without one.</summary>
    protected static uint? FlagsOf(SmbReply reply) =>
        reply.CreateContext("DH2Q") is { } grant ? BitConverter.ToUInt32(grant, 4) : null;

    protected static SmbReply Reconnect(
        SmbSession session, SmbFileId file, Guid? create = null, uint flags = Persistent, byte[]? lease = null, string name = "f") =>
        session.Ask(
            Smb2Command.Create,
            Bodies.Create(
                name,
                oplock: lease is null ? (byte)0 : LeaseLevel,
                contexts: [.. Bodies.ReconnectContext(file, create ?? Create, last: lease is null, flags), .. lease ?? []]));
}
