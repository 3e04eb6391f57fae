using System.Text.Json;
using Gateway.Admin;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Tests.Hosting;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Admin;

public sealed class VolumeAdministrationTests
{
    private readonly AdminSeal _seal = new(ControlDirectory.Secret());
    private ControlDirectory _control = null!;
    private FileServer _server = null!;
    private GatewayVolumes _volumes = null!;
    private VolumeAdministration _administration = null!;

    [SetUp]
    public void SetUp()
    {
        _control = new ControlDirectory();
        var options = LocalGateway.Options(_control.Path);
        _server = new FileServer(
            options, ControlDirectory.Secret(), _control.Users(), TimeProvider.System, NullLoggerFactory.Instance);
        _volumes = new GatewayVolumes(
            options, [new NodeAddress("n1", "127.0.0.1", 1)], _control.Control, _server, new NoAddress(),
            new LinkTrust(ControlDirectory.Secret()), BootTimeProvider.Instance, NullLoggerFactory.Instance);
        _administration = new VolumeAdministration(_seal, _volumes, TimeProvider.System);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _volumes.DisposeAsync();
        await _server.DisposeAsync();
        _control.Dispose();
    }

    [Test]
    public async Task A_volume_is_made_once_with_the_nodes_that_are_known()
    {
        Assert.That(await ProblemOf(VolumeAction.Create, "more"), Is.Null);
        var made = (await new VolumeRecords(_control.Control).ReadAsync("more", default))!.Record;
        Assert.That((made.Epoch, made.Members.Single().NodeId), Is.EqualTo((0UL, "n1")));
        Assert.That(await ProblemOf(VolumeAction.Create, "more"), Does.Contain("already"));
        Assert.That((await new VolumeRecords(_control.Control).ReadAsync("more", default))!.Record.VolumeId, Is.EqualTo(made.VolumeId));
    }

    [TestCase("")]
    [TestCase("More")]
    [TestCase("1st")]
    [TestCase("a/b")]
    [TestCase("..")]
    [TestCase("a b")]
    [TestCase("abcdefghijabcdefghijabcdefghijabc")]
    public async Task What_is_no_name_is_refused(string name)
    {
        Assert.That(await ProblemOf(VolumeAction.Create, name), Does.Contain("no name"));
        Assert.That((await _control.Control.ListAsync("volumes/", default)).Values, Is.Empty);
    }

    [Test]
    public async Task A_volume_that_is_not_there_is_said_so()
    {
        Assert.That(await ProblemOf(VolumeAction.Move, "none"), Does.Contain("no volume 'none'"));
        Assert.That(await ProblemOf(VolumeAction.Abandon, "none"), Does.Contain("no volume 'none'"));
    }

    [Test]
    public async Task A_request_of_another_kind_or_seal_gets_no_answer()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            Timed(VolumeAction.Create, "more"), VolumeRequestJson.Default.VolumeRequest);
        Assert.That(await _administration.AnswerAsync(_seal.Seal(json, default), default), Is.Null, "sealed for users");
        Assert.That(
            await _administration.AnswerAsync(new AdminSeal(ControlDirectory.Secret(2)).Seal(json, VolumeRequest.Context), default),
            Is.Null);
        Assert.That((await _control.Control.ListAsync("volumes/", default)).Values, Is.Empty);
    }

    private static VolumeRequest Timed(VolumeAction action, string volume) => new()
    {
        Action = action,
        Volume = volume,
        Gateway = "gw2",
        IssuedAt = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
    };

    private async Task<string?> ProblemOf(VolumeAction action, string volume)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(Timed(action, volume), VolumeRequestJson.Default.VolumeRequest);
        var message = _seal.Seal(json, VolumeRequest.Context);
        var answer = await _administration.AnswerAsync(message, default);
        Assert.That(_seal.TryOpen(answer, message, out var text));
        return JsonSerializer.Deserialize(text, VolumeRequestJson.Default.VolumeAnswer)!.Problem;
    }
}
