using System.CommandLine;
using Gateway.Cli;

namespace Gateway.Tests.Cli;

public sealed class SettingTests
{
    private readonly Dictionary<string, string> _environment = [];
    private string _directory = "";

    [SetUp]
    public void CreateDirectory()
    {
        _directory = Directory.CreateTempSubdirectory("nasgate-settings").FullName;
        _environment.Clear();
    }

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void The_default_holds_when_nobody_says_otherwise() => Assert.That(Read(""), Is.EqualTo(2049));

    [Test]
    public void The_file_beats_the_default() => Assert.That(Read("", """{"nfsPort": 3001}"""), Is.EqualTo(3001));

    [Test]
    public void The_environment_beats_the_file()
    {
        _environment["NASGATE_NFS_PORT"] = "3002";
        Assert.That(Read("", """{"nfsPort": 3001}"""), Is.EqualTo(3002));
    }

    [Test]
    public void The_command_line_beats_the_environment()
    {
        _environment["NASGATE_NFS_PORT"] = "3002";
        Assert.That(Read("--nfs-port 3003", """{"nfsPort": 3001}"""), Is.EqualTo(3003));
    }

    [Test]
    public void A_wrong_value_names_where_it_came_from()
    {
        _environment["NASGATE_NFS_PORT"] = "many";
        Assert.That(() => Read(""), Throws.TypeOf<SettingException>()
            .With.Message.EqualTo("NASGATE_NFS_PORT: 'many' is not a port from 1 to 65535"));
        Assert.That(() => Read("--nfs-port 0"), Throws.TypeOf<SettingException>()
            .With.Message.EqualTo("--nfs-port: '0' is not a port from 1 to 65535"));
    }

    [Test]
    public void A_file_that_is_missing_or_no_json_is_named()
    {
        Assert.That(() => SettingSources.Open(Path.Combine(_directory, "none.json"), Environment),
            Throws.TypeOf<SettingException>().With.Message.Contains("none.json"));
        Assert.That(() => Read("", "{"), Throws.TypeOf<SettingException>().With.Message.Contains("not valid JSON"));
    }

    private int Read(string arguments, string? file = null)
    {
        var setting = new Setting<int>("nfs-port", "the port", "a port from 1 to 65535", 2049, SettingParsers.Port);
        var root = new RootCommand();
        root.Options.Add(setting.Option);
        string? path = null;
        if (file is not null) File.WriteAllText(path = Path.Combine(_directory, "config.json"), file);
        return setting.Read(root.Parse(arguments), SettingSources.Open(path, Environment));
    }

    private string? Environment(string name) => _environment.GetValueOrDefault(name);
}
