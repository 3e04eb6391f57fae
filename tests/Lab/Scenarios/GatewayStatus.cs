using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gateway.Lab.Scenarios.Network;

namespace Gateway.Lab.Scenarios;

/// <summary>What a gateway says of a volume.</summary>
/// <param name="IsServing">It owns the volume and serves it.</param>
/// <param name="IsStandby">It stands by.</param>
/// <param name="IsLevel">All nodes are up and have everything.</param>
internal sealed record VolumeStanding(bool IsServing, bool IsStandby, bool IsLevel);

/// <summary>Asks a gateway's administration, which is on the loopback device of its host.</summary>
internal sealed class GatewayStatus : IDisposable
{
    private const int Port = 8080;

    // A process that hangs accepts connections and answers nothing.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    private readonly HttpClient _client;

    public GatewayStatus(SwitchedNetwork network, int host)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(
                new NetworkStream(network.Connect(host, new IPEndPoint(IPAddress.Loopback, Port), AnswerMax), ownsSocket: true)),
        };
        _client = new HttpClient(handler) { Timeout = AnswerMax, BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
    }

    /// <summary>The last answer, for the message of a failure.</summary>
    public string Last { get; private set; } = "no answer";

    /// <summary>Null when it does not answer.</summary>
    public async Task<VolumeStanding?> VolumeAsync(string volume)
    {
        try
        {
            Last = await _client.GetStringAsync("/api/status");
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            Last = failure.Message;
            return null;
        }

        using var document = JsonDocument.Parse(Last);
        foreach (var report in document.RootElement.GetProperty("volumes").EnumerateArray())
        {
            if (report.GetProperty("name").GetString() == volume) return Standing(report);
        }

        return null;
    }

    public void Dispose() => _client.Dispose();

    private static VolumeStanding Standing(JsonElement report)
    {
        var role = report.GetProperty("role").GetString();
        var committed = report.GetProperty("committedIndex").GetUInt64();
        return new VolumeStanding(
            role == "owner" && report.GetProperty("state").GetString() == "serving",
            role == "standby",
            report.GetProperty("owedSlices").GetInt64() == 0 && report.GetProperty("nodes").EnumerateArray().All(
                node => node.GetProperty("state").GetString() == "up" && node.GetProperty("matchIndex").GetUInt64() >= committed));
    }
}
