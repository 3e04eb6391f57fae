using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Admin;
using Gateway.Hosting;
using Gateway.Replication.Links;

namespace Gateway.Cli;

/// <summary>Asks the gateway on this machine.</summary>
internal static class AdminClient
{
    public static Task<StatusReport> GetStatusAsync(int port, CancellationToken stop) =>
        AskAsync(port, "/api/status", HttpMethod.Get, StatusJson.Default.StatusReport, stop);

    public static Task<VerifyReport> VerifyAsync(int port, string? path, CancellationToken stop)
    {
        var query = path is null ? "" : "?path=" + Uri.EscapeDataString(path);
        return AskAsync(port, "/api/verify" + query, HttpMethod.Post, VerifyJson.Default.VerifyReport, stop);
    }

    /// <summary>The gateway's answer; null when nobody listens on the port.</summary>
    /// <exception cref="StartException">What listens there does not know the cluster's secret.</exception>
    public static Task<UserAnswer?> TryAskUsersAsync(
        int port, ClusterSecret secret, UserRequest request, CancellationToken stop)
    {
        var timed = request with { IssuedAt = Now() };
        var text = JsonSerializer.SerializeToUtf8Bytes(timed, UserRequestJson.Default.UserRequest);
        return TryAskSealedAsync(port, "/api/users", secret, text, [], UserRequestJson.Default.UserAnswer, stop);
    }

    /// <summary>Asks for a change of a volume's members.</summary>
    /// <exception cref="StartException">Nobody listens on the port, or not who knows the cluster's secret.</exception>
    public static Task<NodeChangeAnswer> ChangeNodesAsync(
        int port, ClusterSecret secret, NodeChangeRequest request, CancellationToken stop)
    {
        var timed = request with { IssuedAt = Now() };
        var text = JsonSerializer.SerializeToUtf8Bytes(timed, NodeChangeJson.Default.NodeChangeRequest);
        return AskSealedAsync(
            port, "/api/nodes", secret, text, NodeChangeRequest.Context, NodeChangeJson.Default.NodeChangeAnswer, stop);
    }

    /// <summary>Asks for a new volume, or for another owner.</summary>
    /// <exception cref="StartException">Nobody listens on the port, or not who knows the cluster's secret.</exception>
    public static Task<VolumeAnswer> ChangeVolumesAsync(
        int port, ClusterSecret secret, VolumeRequest request, CancellationToken stop)
    {
        var timed = request with { IssuedAt = Now() };
        var text = JsonSerializer.SerializeToUtf8Bytes(timed, VolumeRequestJson.Default.VolumeRequest);
        return AskSealedAsync(
            port, "/api/volumes", secret, text, VolumeRequest.Context, VolumeRequestJson.Default.VolumeAnswer, stop);
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static async Task<TAnswer> AskSealedAsync<TAnswer>(
        int port, string path, ClusterSecret secret, byte[] request, byte[] context, JsonTypeInfo<TAnswer> type,
        CancellationToken stop)
        where TAnswer : class =>
        await TryAskSealedAsync(port, path, secret, request, context, type, stop)
            ?? throw new StartException($"no gateway answers on port {port} of this machine");

    private static async Task<TAnswer?> TryAskSealedAsync<TAnswer>(
        int port, string path, ClusterSecret secret, byte[] request, byte[] context, JsonTypeInfo<TAnswer> type,
        CancellationToken stop)
        where TAnswer : class
    {
        var seal = new AdminSeal(secret);
        var message = seal.Seal(request, context);
        using var client = new HttpClient();
        using var content = new ByteArrayContent(message);
        try
        {
            using var response = await client.PostAsync(new Uri($"http://{IPAddress.Loopback}:{port}{path}"), content, stop);
            var body = response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(stop) : [];
            return seal.TryOpen(body, message, out var text)
                && JsonSerializer.Deserialize(text, type) is { } answer
                    ? answer
                    : throw new StartException(
                        $"what answers on port {port} of this machine has another secret: name --data or --http-port");
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return null;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            throw new StartException($"what answers on port {port} of this machine is no gateway: {error.Message}", error);
        }
    }

    private static async Task<T> AskAsync<T>(
        int port, string path, HttpMethod method, JsonTypeInfo<T> type, CancellationToken stop)
    {
        // A verification of everything takes as long as reading everything takes.
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(method, $"http://{IPAddress.Loopback}:{port}{path}");
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
                throw new SettingException((await response.Content.ReadAsStringAsync(stop)).Trim());
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                throw new StartException((await response.Content.ReadAsStringAsync(stop)).Trim());

            if (!response.IsSuccessStatusCode)
                throw new StartException($"port {port} of this machine answered {(int)response.StatusCode} to {path}");

            await using var body = await response.Content.ReadAsStreamAsync(stop);
            return await JsonSerializer.DeserializeAsync(body, type, stop)
                ?? throw new StartException("the gateway answered with nothing");
        }
        catch (HttpRequestException error)
        {
            throw new StartException($"no gateway answers on port {port} of this machine: {error.Message}", error);
        }
        catch (IOException error)
        {
            throw new StartException($"the gateway on port {port} ended in the middle of its answer", error);
        }
        catch (JsonException error)
        {
            throw new StartException($"what answers on port {port} of this machine is no gateway", error);
        }
    }
}
