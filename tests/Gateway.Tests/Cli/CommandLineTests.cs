using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Cli;

namespace Gateway.Tests.Cli;

/// <summary>The real command line: a wrong option or value is one clear line and exit code 2, wherever it stands.</summary>
[NonParallelizable]
public sealed class CommandLineTests
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly StringWriter _errors = new();
    private TextWriter _console = TextWriter.Null;
    private string _directory = "";

    /// <summary>Every setting of every command, and values it does not take.</summary>
    internal static readonly (string Command, string Name, string[] Wrong)[] Settings =
    [
        ("up", "listen", ["nowhere", "1.2.3", "10.0.0.1:80", "host.example"]),
        ("up", "nfs-port", ["many", "0", "-1", "65536", "1.5", " 80", "0x50"]),
        ("up", "http-port", ["many", "0", "65536"]),
        ("up", "nodes", ["0", "2", "9", "-3", "three", "a=127.0.0.1:1"]),
        ("up", "witness", ["perhaps", "node3"]),
        ("up", "smb-port", ["0", "65536", "445x"]),
        ("up", "shares", ["IPC$", "a,A", "a=../b", "a=b:nonsense"]),
        ("up", "smb-encrypt", ["perhaps"]),
        ("up", "address", ["files", "files=10.0.0.50@eth0"]),
        ("up", "on-acquire", ["/no/such/program"]),
        ("up", "on-release", ["/no/such/program"]),
        ("up", "ready-port", ["0", "none"]),
        ("up", "metrics-port", ["0", "none"]),
        ("up", "smb-signing", ["off"]),
        ("up", "allow-anonymous-list", ["2"]),
        ("up", "smb-test-fsctl", ["yes"]),
        ("up", "portmap", ["maybe", "1"]),
        ("up", "log-level", ["loud", "7", "none"]),
        ("serve", "listen", ["nowhere"]),
        ("serve", "nfs-port", ["70000"]),
        ("serve", "http-port", ["x"]),
        ("serve", "smb-port", ["0", "65536", "445x"]),
        ("serve", "shares", ["IPC$", "a,A", "a=../b", "a=b:nonsense"]),
        ("serve", "smb-encrypt", ["perhaps"]),
        ("serve", "address", ["files", "files=10.0.0.50@eth0", "files=127.0.0.1/8@lo"]),
        ("serve", "on-acquire", ["/no/such/program", "/proc/version"]),
        ("serve", "on-release", ["/no/such/program", "/"]),
        ("serve", "ready-port", ["0", "none"]),
        ("serve", "metrics-port", ["65536"]),
        ("serve", "smb-signing", ["off"]),
        ("serve", "allow-anonymous-list", ["2"]),
        ("serve", "smb-test-fsctl", ["yes"]),
        ("serve", "portmap", ["2"]),
        ("serve", "log-level", ["critical!"]),
        ("serve", "nodes", ["a", "a=1:2:3", "a=127.0.0.1", "a=127.0.0.1:0", "=127.0.0.1:1", "a/b=127.0.0.1:1",
            "a=127.0.0.1:1,a=127.0.0.1:2", "a=127.0.0.1:1,b=127.0.0.1:1", "a=127.0.0.1:1,", "a=127.0.0.1:1/wit"]),
        ("serve", "id", ["a/b"]),
        ("serve", "advertise", ["10.0.1", "host:0", "host:", "a/b", "[10.0.0.1]"]),
        ("serve", "replicas", ["0", "2", "9"]),
        ("serve", "control", ["etcd", "etcd=", "h1:2379", "etcd=ftp://h1:1", "etcd=https://h1:2379,", "etcd=http://h1:1/x", "etcd=http://u@h1:1",
            "etcd=h1:2379,h1:2379", "consul=http://h1:1"]),
        ("node", "id", ["a/b", ".", "-x", "a b"]),
        ("node", "listen", ["127.0.0.1", "127.0.0.1:0", "somewhere:1", "7001"]),
        ("node", "metrics-port", ["0", "9x"]),
        ("node", "advertise", ["10.0.0.1", "10.0.0.1:0", "host", "host:0", "10.0.1:1"]),
        ("node", "control", ["etcd", "etcd=", "h1:2379", "etcd=ftp://h1:1", "etcd=https://h1:2379,", "etcd=http://h1:1/x", "etcd=http://u@h1:1",
            "etcd=h1:2379,h1:2379", "consul=http://h1:1"]),
        ("node", "witness", ["perhaps"]),
        ("node", "log-level", ["9"]),
        ("status", "http-port", ["0", "http"]),
        ("verify", "http-port", ["0", "http"]),
    ];

    [SetUp]
    public void CatchTheConsole()
    {
        _directory = Directory.CreateTempSubdirectory("nasgate-cli").FullName;
        _environment.Clear();
        _errors.GetStringBuilder().Clear();
        _console = Console.Error;
        Console.SetError(_errors);
    }

    [TearDown]
    public void ReleaseTheConsole()
    {
        Console.SetError(_console);
        Directory.Delete(_directory, recursive: true);
    }

    public static IEnumerable<TestCaseData> WrongValues() =>
        from setting in Settings
        from value in setting.Wrong
        from source in new[] { "option", "variable", "file" }
        select new TestCaseData(setting.Command, setting.Name, value, source);

    [TestCaseSource(nameof(WrongValues))]
    public async Task A_wrong_value_is_one_line(string command, string name, string value, string source)
    {
        List<string> arguments = [.. Complete(command, name)];
        switch (source)
        {
            case "option":
                arguments.Add($"--{name}={value}");
                break;
            case "variable":
                _environment["NASGATE_" + name.Replace('-', '_').ToUpperInvariant()] = value;
                break;
            default:
                arguments.AddRange(["--config", Write($$"""{ "{{Camel(name)}}": "{{value}}" }""")]);
                break;
        }

        await ExpectUsageAsync(arguments, $"'{value}' is not ");
    }

    [TestCase("up --no-such-option")]
    [TestCase("up --nfs-port")]
    [TestCase("up --nfs-port 1 --nfs-port 2")]
    [TestCase("up extra")]
    [TestCase("up --id a")]
    [TestCase("up --address files=10.0.0.50/24@eth0")]
    [TestCase("up --listen 0.0.0.0 --address files=fd00::50/64@eth0")]
    [TestCase("up --nodes 1 --witness")]
    [TestCase("serve --nodes a=127.0.0.1:1/witness")]
    [TestCase("serve --nodes a=127.0.0.1:1,b=127.0.0.1:2/witness,c=127.0.0.1:3/witness")]
    [TestCase("serve --nodes a=127.0.0.1:1 --witness")]
    [TestCase("no-such-command")]
    [TestCase("")]
    [TestCase("serve")]
    [TestCase("serve --control etcd=h:1")]
    [TestCase("serve --id a --control etcd=h:1 --control-ca c")]
    [TestCase("serve --id a --control etcd=https://h:1 --control-cert c")]
    [TestCase("serve --nodes a=127.0.0.1:1 --control-credentials c")]
    [TestCase("node --id a --listen 0.0.0.0:7001 --control etcd=h:1")]
    [TestCase("node --id a")]
    [TestCase("node --listen 127.0.0.1:7001")]
    [TestCase("node --nfs-port 1")]
    [TestCase("node --id a --listen 127.0.0.1:7001 --tls-cert c --tls-key k")]
    [TestCase("serve --nodes a=127.0.0.1:1 --tls-ca c")]
    [TestCase("up --tls-ca c --tls-cert c --tls-key k")]
    [TestCase("status --data d")]
    [TestCase("status extra")]
    [TestCase("status --json=perhaps")]
    [TestCase("verify a b")]
    [TestCase("user")]
    [TestCase("user add")]
    [TestCase("user add a b")]
    [TestCase("user add a --uid x")]
    [TestCase("user add a --uid -1")]
    [TestCase("user add a --groups 1,x --password-stdin")]
    [TestCase("user list extra")]
    [TestCase("user remove")]
    [TestCase("user rename a")]
    public Task A_wrong_option_is_one_line(string line) =>
        ExpectUsageAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), "");

    [TestCase("{ \"nfsprot\": 1 }", "nfsprot")]
    [TestCase("{ \"exports\": [ { \"path\": \"files\" } ] }", "files")]
    [TestCase("{ \"exports\": [ { \"path\": \"/a\" }, { \"path\": \"/a/\" } ] }", "twice")]
    [TestCase("{ \"exports\": [ { \"path\": \"/a\", \"volume\": \"b\" } ] }", "unknown volume")]
    [TestCase("{ \"exports\": [ { \"path\": \"/a\", \"clients\": [ { \"match\": \"10.0.0.0/33\" } ] } ] }", "10.0.0.0/33")]
    [TestCase("{ \"exports\": [ { \"path\": \"/a\", \"clients\": [ { \"match\": \"*\", \"squash\": \"x\" } ] } ] }", "exports")]
    [TestCase("{ \"exports\": [ { \"path\": \"/a\", \"readOnly\": true } ] }", "exports")]
    [TestCase("{ \"nfsPort\": { \"a\": 1 } }", "nfsPort")]
    [TestCase("{ \"nfsPort\": [1] }", "nfsPort")]
    [TestCase("{ \"nfsPort\": 0 }", "nfsPort")]
    [TestCase("{ \"nfsPort\": 1", "not valid JSON")]
    [TestCase("[ 1 ]", "not valid JSON")]
    [TestCase("", "not valid JSON")]
    public Task A_wrong_file_is_one_line(string json, string says) =>
        ExpectUsageAsync(["up", "--data", _directory, "--config", Write(json)], says);

    [Test]
    public async Task A_file_that_is_not_there_is_one_line()
    {
        await ExpectUsageAsync(["up", "--config", Path.Combine(_directory, "none")], "none");
        await ExpectUsageAsync(["up", "--config", _directory], _directory);
        _environment["NASGATE_CONFIG"] = Path.Combine(_directory, "other");
        await ExpectUsageAsync(["status"], "other");
    }

    /// <summary>What the table above does not name cannot be wrong: a path or a flag. And a file may say all of it.</summary>
    [Test]
    public void No_setting_is_forgotten()
    {
        string[] free =
        [
            "config", "data", "secret-file", "json", "help", "version", "control-ca", "control-cert", "control-key", "control-credentials",
            "tls-ca", "tls-cert", "tls-key",
        ];
        var root = CommandLine.Root(_ => null);
        var tested = Settings.Select(setting => (setting.Command, setting.Name));
        var all =
            from command in root.Subcommands
            from option in command.Options
            let name = option.Name.TrimStart('-')
            where !free.Contains(name)
            select (command.Name, name);

        Assert.That(all, Is.EquivalentTo(tested));
        foreach (var (_, name) in all)
            Assert.That(() => SettingSources.Open(Write($$"""{ "{{Camel(name)}}": "1" }"""), _ => null), Throws.Nothing);
    }

    [TestCase("status")]
    [TestCase("status --json")]
    [TestCase("verify")]
    [TestCase("verify /files/a --json")]
    public async Task Without_a_gateway_asking_is_one_line_and_exit_code_one(string line)
    {
        var port = FreePort.Find();
        await ExpectAsync([.. line.Split(' '), "--http-port", $"{port}"], 1, $"no gateway answers on port {port}");
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi!\n", "is no gateway")]
    [TestCase("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "answered 500")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{ \"cl", "in the middle of its answer")]
    [TestCase("SSH-2.0-x\r\n", "no gateway answers")]
    [TestCase("", "no gateway answers")]
    public async Task What_is_no_gateway_is_told_apart(string answer, string says)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answering = AnswerAsync(listener, answer);
        await ExpectAsync(["status", "--http-port", $"{port}"], 1, says);
        listener.Stop();
        await answering.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static async Task AnswerAsync(TcpListener listener, string answer)
    {
        // More than once: the client asks again when the connection ends without an answer.
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().ReadAtLeastAsync(new byte[16], 16);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
        }
    }

    // What the command needs besides the setting that is wrong. It must not get as far as starting anything.
    private string[] Complete(string command, string name) => command switch
    {
        "serve" when name != "nodes" => ["serve", "--data", _directory, "--nodes", "a=127.0.0.1:7001"],
        "node" when name == "id" => ["node", "--data", _directory, "--listen", "127.0.0.1:7001"],
        "node" when name == "listen" => ["node", "--data", _directory, "--id", "a"],
        "node" => ["node", "--data", _directory, "--id", "a", "--listen", "127.0.0.1:7001"],
        "status" or "verify" => [command],
        _ => [command, "--data", _directory],
    };

    private static string Camel(string name) =>
        string.Concat(name.Split('-').Select((part, at) => at == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));

    private string Write(string json)
    {
        var path = Path.Combine(_directory, "config.json");
        File.WriteAllText(path, json);
        return path;
    }

    private async Task ExpectUsageAsync(IReadOnlyList<string> arguments, string says)
    {
        await ExpectAsync(arguments, CommandLine.ExitUsage, says);
        var made = Directory.EnumerateFileSystemEntries(_directory).Select(Path.GetFileName);
        Assert.That(made, Is.SubsetOf(new[] { "config.json" }), "nothing was started");
    }

    private async Task ExpectAsync(IReadOnlyList<string> arguments, int code, string says)
    {
        _errors.GetStringBuilder().Clear();
        var exit = await CommandLine.RunAsync([.. arguments], name => _environment.GetValueOrDefault(name));
        var lines = _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(exit, Is.EqualTo(code), _errors.ToString());
        Assert.That(lines, Has.Length.EqualTo(1), _errors.ToString());
        Assert.That(lines[0], Does.StartWith("nasgate: ").And.Contain(says));
    }
}
