using System.Buffers;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Replication.Tests.Store;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>Opens by several clients of a volume in memory, with a clock that moves by hand.</summary>
public abstract class OpenFixture : TreeFixture
{
    private readonly ManualTime _time = new();

    protected override TimeProvider Clock => _time;

    [SetUp]
    public async Task LetAllMakeFiles() => await Tree.SetAttributesAsync(Tree.Root, Mode(0x1FF), null, Root);

    protected void Advance(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Keys of leases.</summary>
    protected static Guid Key(int number) => new(number, 0, 0, new byte[8]);

    protected static CachingRequest Lease(int key, string state) => CachingRequest.Lease(Key(key), StateOf(state));

    protected static CachingRequest LeaseV2(int key, string state, ushort epoch, int? parent = null) =>
        CachingRequest.LeaseV2(Key(key), StateOf(state), parent is { } number ? Key(number) : null, epoch);

    protected static CachingRequest Oplock(string level) => CachingRequest.Oplock(LevelOf(level));

    protected static LeaseState StateOf(string text) =>
        (text.Contains('R', StringComparison.Ordinal) ? LeaseState.Read : 0)
        | (text.Contains('W', StringComparison.Ordinal) ? LeaseState.Write : 0)
        | (text.Contains('H', StringComparison.Ordinal) ? LeaseState.Handle : 0);

    protected static OplockLevel LevelOf(string text) => text switch
    {
        "b" => OplockLevel.Batch,
        "x" => OplockLevel.Exclusive,
        "s" => OplockLevel.LevelTwo,
        _ => OplockLevel.None,
    };

    protected static string Text(LeaseState state) =>
        string.Concat(
            (state & LeaseState.Read) != 0 ? "R" : "",
            (state & LeaseState.Write) != 0 ? "W" : "",
            (state & LeaseState.Handle) != 0 ? "H" : "");

    protected async Task<Open> OpenAsync(
        Client client, string path, CachingRequest caching = default, AccessMask access = AccessMask.FileAll,
        ShareModes share = ShareModes.All, OpenDisposition disposition = OpenDisposition.OpenIf,
        OpenOptions options = OpenOptions.None)
    {
        var result = await TryOpenAsync(client, path, caching, access, share, disposition, options);
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok), path);
        return result.Open!;
    }

    protected async Task<FileStatus> OpenStatusAsync(
        Client client, string path, CachingRequest caching = default, AccessMask access = AccessMask.FileAll,
        ShareModes share = ShareModes.All, OpenDisposition disposition = OpenDisposition.OpenIf,
        OpenOptions options = OpenOptions.None)
    {
        var result = await TryOpenAsync(client, path, caching, access, share, disposition, options);
        if (result.Open is { } open) await open.CloseAsync();
        return result.Status;
    }

    protected Task<OpenResult> TryOpenAsync(
        Client client, string path, CachingRequest caching = default, AccessMask access = AccessMask.FileAll,
        ShareModes share = ShareModes.All, OpenDisposition disposition = OpenDisposition.OpenIf,
        OpenOptions options = OpenOptions.None, DosAttributes attributes = DosAttributes.None,
        long allocation = 0, PersistentGrant? persistent = null, CancellationToken cancellation = default)
    {
        var (file, stream) = path.Split(':') is [var name, var rest] ? (name, rest) : (path, "");
        var request = new OpenRequest
        {
            Root = Tree.Root,
            Path = [.. file.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(part => Names(part))],
            Stream = Bytes(stream),
            Access = access,
            Share = share,
            Disposition = disposition,
            Options = options,
            Attributes = attributes,
            AllocationBytes = allocation,
            Token = client.Token,
            Caching = caching,
            Client = client.Id,
            Holder = client,
            Persistent = persistent,
        };
        return Tree.Opens.OpenAsync(request, cancellation).AsTask();
    }

    protected static async Task<FileStatus> WriteAsync(Open open, string text, long offset = 0) =>
        (await open.WriteAsync(offset, new ReadOnlySequence<byte>(Bytes(text)), WriteStability.FileSync)).Status;

    protected Client NewClient(uint uid = 1000, bool answers = true) => new(TokenOf(uid)) { Answers = answers };

    protected SecurityToken TokenOf(uint uid) => new(new Caller(uid, 100), new SidMap(Tree.VolumeId));

    /// <summary>Long enough for what only waits for other tasks.</summary>
    protected static async Task<bool> StillRunsAsync(Task task)
    {
        for (var i = 0; i < 50 && !task.IsCompleted; i++) await Task.Delay(1);
        return !task.IsCompleted;
    }

    private static ReadOnlyMemory<byte> Names(string text) => Bytes(text);

    /// <summary>A client that notes the breaks it is told of, and answers them as asked unless it is told not to.</summary>
    protected sealed class Client(SecurityToken token) : IOpenHolder
    {
        private readonly List<string> _breaks = [];

        public Guid Id { get; } = Guid.CreateVersion7();

        public SecurityToken Token => token;

        public bool Answers { get; set; }

        public bool ClosesInstead { get; set; }

        public bool IsConnected { get; set; } = true;

        public List<Open> Ended { get; } = [];

        public ushort LastEpoch { get; private set; }

        public void BreakOplock(Open open, OplockLevel to)
        {
            _breaks.Add($"to {to}");
            if (ClosesInstead) _ = open.CloseAsync().AsTask();
            else if (Answers && open.OplockBreaking) _ = open.AcknowledgeOplockAsync(to).AsTask();
        }

        public void BreakLease(Lease lease, LeaseState from, LeaseState to, ushort epoch, bool acknowledge)
        {
            _breaks.Add($"{Text(from)}>{Text(to)}{(acknowledge ? "" : "!")}");
            LastEpoch = epoch;
            if (acknowledge && Answers) _ = lease.AcknowledgeAsync(to).AsTask();
        }

        public void Closed(Open open) => Ended.Add(open);

        /// <summary>What it was told since the last call.</summary>
        public string Breaks()
        {
            var told = string.Join(" ", _breaks);
            _breaks.Clear();
            return told;
        }
    }
}
