using System.Globalization;
using System.Net;

namespace Gateway.Replication.Control.Etcd;

/// <summary>The answers to one request, as they come.</summary>
/// <remarks>One reader. Disposal ends the call at the server too.</remarks>
internal sealed class GrpcCall(HttpResponseMessage response, Stream body) : IDisposable
{
    private const string StatusName = "grpc-status";
    private const string MessageName = "grpc-message";

    /// <summary>The next answer; null when the server has ended the call with <see cref="GrpcStatus.Ok"/>.</summary>
    /// <exception cref="GrpcException">It ended in another way, or the answer makes no sense.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        // Without any message, the status stands in the headers ("Trailers-Only").
        if (response.StatusCode != HttpStatusCode.OK)
            throw new GrpcException(GrpcStatus.Unavailable, $"it answered with HTTP status {(int)response.StatusCode}");
        if (response.Headers.Contains(StatusName)) return End(response.Headers);

        try
        {
            return await GrpcFrame.ReadAsync(body, cancellation) ?? End(response.TrailingHeaders);
        }
        catch (InvalidDataException error)
        {
            throw new GrpcException(GrpcStatus.Internal, error.Message, error);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new GrpcException(GrpcStatus.Unavailable, error.Message, error);
        }
    }

    public void Dispose() => response.Dispose();

    private static byte[]? End(System.Net.Http.Headers.HttpResponseHeaders headers)
    {
        var status = headers.TryGetValues(StatusName, out var codes)
            && int.TryParse(codes.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? (GrpcStatus)code
            : throw new GrpcException(GrpcStatus.Unavailable, "the answer ended without a status");
        if (status == GrpcStatus.Ok) return null;

        var message = headers.TryGetValues(MessageName, out var texts) ? Uri.UnescapeDataString(texts.First()) : status.ToString();
        throw new GrpcException(status, message);
    }
}
