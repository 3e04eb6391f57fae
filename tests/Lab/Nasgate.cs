using System.Text.Json;

namespace Gateway.Lab;

/// <summary>The product, by its command line and nothing else, in the network of a lab.</summary>
internal sealed class Nasgate(LabNetwork network, LabDirectory directory)
{
    public const int NfsPort = 2049;

    /// <summary>Time to a ready line, generous: the first start builds.</summary>
    public static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> _environment = new() { ["NASGATE_SECRET_FILE"] = directory["secret"] };

    public HostProcess Start(params ReadOnlySpan<string> arguments) =>
        new([.. network.Prefix, LabRun.Program, .. arguments], _environment);

    public async Task<HostProcess> UpAsync(string data, params string[] more)
    {
        var process = Start(["up", "--data", data, "--listen", LabNetwork.HostAddress, .. more]);
        await process.LineAsync("nasgate: ready", StartMax);
        return process;
    }

    public Task<HostProcess> NodeAsync(string id, string data, int port, params string[] more) =>
        NodeAtAsync(id, data, $"127.0.0.1:{port}", more);

    public async Task<HostProcess> NodeAtAsync(string id, string data, string listen, params string[] more)
    {
        var process = Start(["node", "--id", id, "--data", data, "--listen", listen, .. more]);
        await process.LineAsync("nasgate: ready", StartMax);
        return process;
    }

    public async Task<HostProcess> ServeAsync(string data, string nodes, params string[] more)
    {
        var process = Start(["serve", "--data", data, "--nodes", nodes, "--listen", LabNetwork.HostAddress, .. more]);
        await process.LineAsync("nasgate: ready", StartMax);
        return process;
    }

    /// <summary>A new user of the shares, by the command line; the gateway runs.</summary>
    public Task<SmbUser> AddUserAsync(string name) => GivePasswordAsync("add", name);

    /// <summary>The user with another password.</summary>
    public Task<SmbUser> ChangePasswordAsync(string name) => GivePasswordAsync("passwd", name);

    public async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var code = await process.EndAsync(TimeSpan.FromSeconds(120));
        return (code ?? -1, string.Join('\n', process.Lines));
    }

    public async Task<JsonElement> StatusAsync()
    {
        var (code, output) = await RunAsync("status", "--json");
        Assert.That(code, Is.Zero, output);
        return Json(output);
    }

    /// <summary>Every replica of everything, compared.</summary>
    public async Task<(bool Clean, JsonElement Report)> VerifyAsync(params string[] more)
    {
        var (code, output) = await RunAsync(["verify", "--json", .. more]);
        Assert.That(code, Is.AnyOf(0, 1), output);
        return (code == 0, Json(output));
    }

    private async Task<SmbUser> GivePasswordAsync(string action, string name)
    {
        var user = SmbUser.New(directory, name);
        using var process = new HostProcess(
            [.. network.Prefix, "sh", "-c", "printf '%s\\n' \"$0\" | \"$@\"", user.Password, LabRun.Program, "user", action, name, "--password-stdin"],
            _environment);
        var code = await process.EndAsync(StartMax);
        Assert.That(code, Is.Zero, process.Tail);
        return user;
    }

    private static JsonElement Json(string output)
    {
        using var document = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return document.RootElement.Clone();
    }
}
