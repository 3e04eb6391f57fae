using Gateway.Replication.Control;
using Gateway.Replication.Disks;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Control;

public sealed class EmbeddedControlPlaneTests : ControlPlaneContract
{
    private string _directory = null!;
    private EmbeddedControlPlane _control = null!;

    private protected override IControlPlane Control => _control;

    [SetUp]
    public void SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("control-").FullName;
        _control = EmbeddedControlPlane.Open(Path.Combine(_directory, "contract"));
    }

    [TearDown]
    public void TearDown()
    {
        _control.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task A_record_survives_a_restart_and_is_readable()
    {
        var record = new VolumeRecord
        {
            VolumeId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
            Epoch = ulong.MaxValue,
            OwnerId = ulong.MaxValue - 1,
            OwnerAddress = "here",
            ConfigGeneration = 3,
            Members = [new VolumeMember("a", 17), new VolumeMember("b", ulong.MaxValue)],
            LeaseMilliseconds = 2000,
        };
        using (var control = EmbeddedControlPlane.Open(_directory))
            Assert.That(await new VolumeRecords(control).CompareAndSetAsync("files", 0, record, default), Is.Not.Null);

        using var again = EmbeddedControlPlane.Open(_directory);
        var read = (await new VolumeRecords(again).ReadAsync("files", default))!;
        Assert.That(read.Version, Is.EqualTo(1));
        Assert.That(read.Record with { Members = [] }, Is.EqualTo(record with { Members = [] }));
        Assert.That(read.Record.Members, Is.EqualTo(record.Members));
        Assert.That(File.ReadAllText(Path.Combine(_directory, "control.json")), Does.Contain("\"nodeId\": \"a\""));
    }

    [Test]
    public async Task A_change_of_membership_and_the_role_of_a_member_are_in_the_record()
    {
        var members = new[] { new VolumeMember("a", 1), new VolumeMember("w", 2) { Witness = true } };
        var record = new VolumeRecord
        {
            VolumeId = Guid.Empty,
            Epoch = 1,
            OwnerId = 2,
            OwnerAddress = "",
            ConfigGeneration = 3,
            Members = members,
            LeaseMilliseconds = 2000,
        };
        using var control = EmbeddedControlPlane.Open(_directory);
        var records = new VolumeRecords(control);
        await records.CompareAndSetAsync("files", 0, record.ChangingTo([members[1]]), default);
        var read = (await records.ReadAsync("files", default))!.Record;
        Assert.That(read.NewMembers, Is.EqualTo(new[] { members[1] }));
        Assert.That(read.Members, Is.EqualTo(members));
        Assert.That(read.ConfigGeneration, Is.EqualTo(4));
    }

    // As releases before members had roles and could change wrote it.
    [Test]
    public async Task An_old_record_is_read()
    {
        using var control = EmbeddedControlPlane.Open(_directory);
        const string old = """
            {
              "volumeId": "00112233-4455-6677-8899-aabbccddeeff", "epoch": 7, "ownerId": 5, "ownerAddress": "here",
              "configGeneration": 1, "members": [ { "nodeId": "n1", "incarnation": 17 } ], "leaseMilliseconds": 2000
            }
            """;
        await control.CompareAndSetAsync("volumes/files", 0, old, default);
        var read = (await new VolumeRecords(control).ReadAsync("files", default))!.Record;
        Assert.That(read.NewMembers, Is.Null);
        Assert.That(read.Members, Is.EqualTo(new[] { new VolumeMember("n1", 17) }));
    }

    [Test]
    public void A_second_process_is_kept_out()
    {
        using var control = EmbeddedControlPlane.Open(_directory);
        Assert.That(() => EmbeddedControlPlane.Open(_directory), Throws.TypeOf<ControlPlaneException>());
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("{\"format\":2,\"values\":{}}")]
    [TestCase("{\"format\":1}")]
    [TestCase("{\"format\":1,\"values\":{\"k\":{}}}")]
    public void A_file_that_is_not_ours_is_refused_and_left_alone(string content)
    {
        var path = Path.Combine(_directory, "control.json");
        File.WriteAllText(path, content);
        Assert.That(() => EmbeddedControlPlane.Open(_directory), Throws.TypeOf<ControlPlaneException>());
        Assert.That(File.ReadAllText(path), Is.EqualTo(content));
    }

    [Test]
    public async Task A_left_over_temporary_file_does_no_harm()
    {
        File.WriteAllText(Path.Combine(_directory, "control.json.new"), "half");
        using var control = EmbeddedControlPlane.Open(_directory);
        Assert.That(await control.CompareAndSetAsync("k", 0, "{}", default), Is.Not.Null);
    }

    [Test]
    public async Task A_presence_does_not_outlive_the_process()
    {
        using (var control = EmbeddedControlPlane.Open(_directory))
        {
            await control.AnnounceAsync("alive/g", "{}", TimeSpan.FromSeconds(2), default);
            await control.CompareAndSetAsync("k", 0, "{}", default);
        }

        using var again = EmbeddedControlPlane.Open(_directory);
        Assert.That((await again.ListAsync("", default)).Values.Keys, Is.EqualTo(new[] { "k" }));
    }

    [Test]
    public async Task Versions_are_not_used_again_after_a_restart()
    {
        long last;
        using (var control = EmbeddedControlPlane.Open(_directory))
        {
            last = (await control.CompareAndSetAsync("k", 0, "{}", default))!.Version;
            Assert.That(await control.DeleteAsync("k", last, default), Is.True);
        }

        using var again = EmbeddedControlPlane.Open(_directory);
        Assert.That((await again.CompareAndSetAsync("k", 0, "{}", default))!.Version, Is.GreaterThan(last));
    }

    [Test]
    public async Task A_file_of_before_there_was_a_version_of_the_whole_is_read()
    {
        File.WriteAllText(
            Path.Combine(_directory, "control.json"),
            """{"format":1,"values":{"a":{"version":7,"value":{}},"b":{"version":2,"value":{}}}}""");
        using var control = EmbeddedControlPlane.Open(_directory);
        Assert.That((await control.ReadAsync("b", default))!.Version, Is.EqualTo(2));
        Assert.That((await control.CompareAndSetAsync("b", 2, "{}", default))!.Version, Is.EqualTo(8));
    }

    [Test]
    public async Task After_a_failed_write_nothing_is_told_any_more()
    {
        var disk = new FailingDisk(new LinuxDisk(_directory));
        using var control = EmbeddedControlPlane.Open(disk);
        await control.CompareAndSetAsync("k", 0, "{}", default);
        using var end = new CancellationTokenSource();
        await using var watch = control.WatchAsync("", end.Token).GetAsyncEnumerator(end.Token);
        await watch.MoveNextAsync();

        disk.Fails = true;
        Assert.That(
            async () => await control.CompareAndSetAsync("k", 1, "{\"a\":1}", default),
            Throws.TypeOf<ControlPlaneException>());
        disk.Fails = false;
        Assert.That(async () => await control.ReadAsync("k", default), Throws.TypeOf<ControlPlaneException>());
        Assert.That(async () => await watch.MoveNextAsync(), Throws.TypeOf<ControlPlaneException>());
    }

    private sealed class FailingDisk(IDisk disk) : IDisk
    {
        public bool Fails { get; set; }

        public DiskSpace Space => disk.Space;

        public IReadOnlyList<string> List() => disk.List();

        public IDiskFile Open(string name) => disk.Open(name);

        public IDiskFile Create(string name) => disk.Create(name);

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void Delete(string name) => disk.Delete(name);

        public void SyncDirectory()
        {
            if (Fails) throw new DiskException(DiskFault.Failed, "The directory could not be flushed.");
            disk.SyncDirectory();
        }
    }
}
