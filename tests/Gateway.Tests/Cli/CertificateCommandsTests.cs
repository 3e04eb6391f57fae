using Gateway.Cli;

namespace Gateway.Tests.Cli;

/// <summary><c>nasgate cluster init</c> and what follows it, and the settings that take its files.</summary>
[NonParallelizable]
public sealed class CertificateCommandsTests
{
    private readonly StringWriter _output = new();
    private TextWriter _console = TextWriter.Null;
    private TextWriter _errors = TextWriter.Null;
    private string _directory = "";

    private string Made => Path.Combine(_directory, "made");

    [SetUp]
    public void SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("nasgate-init").FullName;
        _output.GetStringBuilder().Clear();
        (_console, _errors) = (Console.Out, Console.Error);
        Console.SetOut(_output);
        Console.SetError(_output);
    }

    [TearDown]
    public void TearDown()
    {
        Console.SetOut(_console);
        Console.SetError(_errors);
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task Init_says_what_goes_where_and_the_steps_follow_each_other()
    {
        await RunAsync(0, "cluster", "init", "--out", Made, "--nodes", "n1=10.0.0.1:7001,n2=10.0.0.2:7001", "--gateways", "gw1", "--days", "30");
        Assert.That(_output.ToString(), Does.Contain("node-n2.pem node-n2.key ca.pem\n"));
        Assert.That(_output.ToString(), Does.Contain($"gateway-gw1.pem gateway-gw1.key ca.pem {Made}/secret\n"));
        Assert.That(_output.ToString(), Does.Contain("ca.key where no machine"));
        Assert.That(_output.ToString(), Does.Not.Contain("PRIVATE"));
        await RunAsync(1, "cluster", "init", "--out", Made, "--nodes", "n1", "--gateways", "gw1");
        await RunAsync(0, "cluster", "authority", "renew", "--out", Made);
        await RunAsync(1, "cluster", "authority", "retire", "--out", Made);
        await RunAsync(0, "cluster", "renew", "--out", Made);
        await RunAsync(0, "cluster", "authority", "retire", "--out", Made);
        await RunAsync(0, "cluster", "renew", "--out", Made, "--nodes", "n3");
        Assert.That(File.Exists(Path.Combine(Made, "node-n3.pem")));
    }

    [TestCase("--nodes", "n1")]
    [TestCase("--nodes", "n1,n1", "--gateways", "gw1")]
    [TestCase("--nodes", "../n1", "--gateways", "gw1")]
    [TestCase("--nodes", "n1", "--gateways", "gw1", "--days", "0")]
    public async Task Init_makes_nothing_of_what_makes_no_sense(params string[] arguments)
    {
        await RunAsync(2, ["cluster", "init", "--out", Made, .. arguments]);
        Assert.That(Directory.Exists(Made), Is.False);
    }

    [Test]
    public async Task The_files_are_given_together_and_must_be_those_of_the_node()
    {
        await RunAsync(0, "cluster", "init", "--out", Made, "--nodes", "n1", "--gateways", "gw1");
        string[] node = ["node", "--id", "n1", "--data", Path.Combine(_directory, "n1"), "--listen", "127.0.0.1:1"];
        await RunAsync(2, [.. node, "--tls-ca", Path.Combine(Made, "ca.pem")]);
        Assert.That(_output.ToString(), Does.Contain("go together"));
        await RunAsync(1, [.. node, .. FilesOf("gateway-gw1")]);
        Assert.That(_output.ToString(), Does.Contain("gateway/gw1, and this is"));
        Assert.That(Directory.Exists(Path.Combine(_directory, "n1", "volumes")), Is.False);
    }

    private string[] FilesOf(string holder) =>
    [
        "--tls-ca", Path.Combine(Made, "ca.pem"), "--tls-cert", Path.Combine(Made, holder + ".pem"), "--tls-key",
        Path.Combine(Made, holder + ".key"),
    ];

    private async Task RunAsync(int code, params string[] arguments) =>
        Assert.That(await CommandLine.RunAsync(arguments, _ => null), Is.EqualTo(code), _output.ToString());
}
