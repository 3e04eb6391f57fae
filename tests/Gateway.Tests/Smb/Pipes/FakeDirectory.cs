using Gateway.FileSystem.Security;
using Gateway.Protocol.Srvsvc;
using Gateway.Smb.Pipes;

namespace Gateway.Tests.Smb.Pipes;

/// <summary>A server that is only told of.</summary>
internal sealed class FakeDirectory : IServerDirectory
{
    public string ServerName => "NAS";

    public string Comment => "a comment";

    public string Workgroup => "WORKGROUP";

    public SidMap Sids { get; } = new(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));

    public TimeProvider Time { get; } = new StoppedClock();

    public bool AllowsAnonymousList { get; set; }

    public List<ShareEntry> Shares { get; } =
    [
        new() { Name = "data", Kind = ShareKind.Disk, Remark = "Everything", Path = "C:\\data", Options = ShareOptions.EncryptData },
        new() { Name = "hidden$", Kind = ShareKind.Disk | ShareKind.Special, IsListed = false },
        new() { Name = "IPC$", Kind = ShareKind.Pipe | ShareKind.Special, Remark = "Remote IPC" },
    ];

    public List<SessionEntry> Sessions { get; } =
    [
        new() { ClientName = "10.0.0.1", UserName = "nas", ActiveSeconds = 60 },
        new() { ClientName = "10.0.0.2", UserName = "eve" },
    ];

    public IReadOnlyList<ShareEntry> ListShares() => Shares;

    public IReadOnlyList<SessionEntry> ListSessions() => Sessions;

    public ValueTask<IReadOnlyList<LocalAccount>> ListAccountsAsync(CancellationToken cancellation) =>
        new([new LocalAccount("nas", 1000), new LocalAccount("eve", 1001)]);

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 1, 12, 34, 56, TimeSpan.Zero);
    }
}
