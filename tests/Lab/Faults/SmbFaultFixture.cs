namespace Gateway.Lab.Faults;

/// <summary>A gateway that serves SMB, whose clients may do what they like: another one works and must notice nothing.</summary>
public abstract class SmbFaultFixture
{
    private protected static readonly TimeSpan NoticeMax = TimeSpan.FromSeconds(30);

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private HostProcess _gateway = null!;
    private Bystander _bystander = null!;

    private protected SmbTarget Target { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        var nasgate = new Nasgate(_network, _directory);
        _gateway = await nasgate.UpAsync(_directory["data"], "--smb-port", "445");
        Target = new SmbTarget(_network, await nasgate.AddUserAsync("lab"));
        _bystander = Bystander.Over(Target.Open());
    }

    [OneTimeTearDown]
    public void Stop()
    {
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
    }
}
