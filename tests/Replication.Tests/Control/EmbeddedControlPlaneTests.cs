using Gateway.Replication.Control;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Control;

public sealed class EmbeddedControlPlaneTests
{
    private string _directory = null!;

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("control-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task A_value_changes_only_from_the_version_that_was_seen()
    {
        using var control = EmbeddedControlPlane.Open(_directory);
        Assert.That(await control.ReadAsync("k", default), Is.Null);
        Assert.That((await control.CompareAndSetAsync("k", 0, "{\"a\":1}", default))!.Version, Is.EqualTo(1));
        Assert.That(await control.CompareAndSetAsync("k", 0, "{\"a\":2}", default), Is.Null);
        Assert.That(await control.CompareAndSetAsync("k", 7, "{\"a\":2}", default), Is.Null);
        Assert.That((await control.CompareAndSetAsync("k", 1, "{\"a\":3}", default))!.Version, Is.EqualTo(2));
        Assert.That((await control.ReadAsync("k", default))!.Json, Does.Contain("3"));
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
}
