using Gateway.Cli;
using Gateway.Hosting;
using Gateway.Replication.Control;

namespace Gateway.Tests.Cli;

/// <summary><c>nasgate cluster</c> on data directories.</summary>
[NonParallelizable]
public sealed class ClusterCommandsTests
{
    private readonly StringWriter _output = new();
    private TextWriter _console = TextWriter.Null;
    private TextWriter _errors = TextWriter.Null;
    private string _directory = "";

    private string Data => Path.Combine(_directory, "data");

    private string Secret => Path.Combine(Data, "secret");

    [SetUp]
    public async Task SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("nasgate-cluster").FullName;
        _output.GetStringBuilder().Clear();
        (_console, _errors) = (Console.Out, Console.Error);
        Console.SetOut(_output);
        Console.SetError(_output);
        Directory.CreateDirectory(Data);
        SharedSecret.LoadOrCreate(Secret);
        using var control = OpenControl(Data);
        await control.CompareAndSetAsync("volumes/files", 0, "{\"epoch\":7,\"configGeneration\":1}", default);
    }

    [TearDown]
    public void TearDown()
    {
        Console.SetOut(_console);
        Console.SetError(_errors);
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task What_is_exported_can_be_imported_elsewhere()
    {
        var file = Path.Combine(_directory, "cluster.json");
        var other = Path.Combine(_directory, "other");
        await RunAsync(0, "export", file, "--data", Data);
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await RunAsync(1, "export", file, "--data", Data);
        await RunAsync(0, "import", file, "--data", other, "--secret-file", Secret);
        await RunAsync(0, "export", "-", "--data", other, "--secret-file", Secret);
        Assert.That(_output.ToString(), Does.EndWith(File.ReadAllText(file)));
    }

    [Test]
    public async Task Exports_and_shares_are_set_from_a_configuration_file()
    {
        var file = Path.Combine(_directory, "sharing.json");
        File.WriteAllText(file, "{ \"exports\": [ { \"path\": \"/a\", \"clients\": [ { \"match\": \"*\" } ] } ], \"shares\": [ { \"name\": \"b\" } ] }");
        await RunAsync(0, "apply", file, "--data", Data);
        using var control = OpenControl(Data);
        Assert.That((await control.ReadAsync("exports", default))!.Json, Does.Contain("\"/a\"").And.Contain("files"));
        Assert.That((await control.ReadAsync("shares", default))!.Json, Does.Contain("\"b\""));
    }

    [TestCase("{ \"nfsPort\": 1 }")]
    [TestCase("{ \"exports\": [ { \"path\": \"a\" } ] }")]
    public async Task A_file_that_says_nothing_of_use_is_refused(string json)
    {
        var file = Path.Combine(_directory, "sharing.json");
        File.WriteAllText(file, json);
        await RunAsync(2, "apply", file, "--data", Data);
    }

    [Test]
    public async Task While_a_gateway_has_the_directory_nothing_is_done()
    {
        using var control = OpenControl(Data);
        await RunAsync(1, "export", "-", "--data", Data);
        Assert.That(_output.ToString(), Does.Contain("in use by another process"));
    }

    [Test]
    public async Task Where_no_gateway_has_run_there_is_nothing_to_export()
    {
        await RunAsync(1, "export", "-", "--data", Path.Combine(_directory, "none"), "--secret-file", Secret);
        Assert.That(_output.ToString(), Does.Contain("no gateway has run"));
    }

    private static EmbeddedControlPlane OpenControl(string data) => EmbeddedControlPlane.Open(Path.Combine(data, "gateway", "control"));

    private async Task RunAsync(int exit, params string[] arguments) =>
        Assert.That(await CommandLine.RunAsync(["cluster", .. arguments], _ => null), Is.EqualTo(exit), _output.ToString());
}
