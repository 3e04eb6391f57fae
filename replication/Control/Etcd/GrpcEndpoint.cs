using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Replication.Control.Etcd;

/// <summary>One server that calls are sent to, over a connection that is made when there is something to send.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class GrpcEndpoint(Uri address, SocketsHttpHandler handler) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(handler);

    public Uri Address { get; } = address;

    /// <summary>Sends a request, and waits for the head of its answer.</summary>
    /// <param name="method"><c>/package.Service/Method</c>.</param>
    /// <param name="request">The message.</param>
    /// <param name="metadata">Headers of the call.</param>
    /// <param name="timeout">After which the server gives up; none for a stream.</param>
    /// <param name="cancellation">Of the wait, and of the call.</param>
    /// <exception cref="GrpcException">No answer came.</exception>
    public async Task<GrpcCall> CallAsync(
        string method,
        ReadOnlyMemory<byte> request,
        IEnumerable<KeyValuePair<string, string>> metadata,
        TimeSpan? timeout,
        CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcFrame.Of(request.Span)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (timeout is { } bound)
            message.Headers.Add("grpc-timeout", ((long)bound.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "m");
        foreach (var (name, value) in metadata) message.Headers.Add(name, value);

        try
        {
            var response = await _http.SendAsync(message, cancellation);
            return new GrpcCall(response, await response.Content.ReadAsStreamAsync(cancellation));
        }
        catch (HttpRequestException error)
        {
            throw new GrpcException(GrpcStatus.Unavailable, Cause(error), error) { NeverSent = IsOfConnecting(error) };
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            // The handler's own bound on connecting.
            throw new GrpcException(GrpcStatus.Unavailable, "no connection in time", error) { NeverSent = true };
        }
    }

    public void Dispose() => _http.Dispose();

    // These are said before there is a connection, and only then.
    private static bool IsOfConnecting(HttpRequestException error) => error.HttpRequestError
        is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError
        or HttpRequestError.VersionNegotiationError;

    // "The SSL connection could not be established, see inner exception" says nothing to a person.
    private static string Cause(HttpRequestException error) =>
        error.HttpRequestError == HttpRequestError.SecureConnectionError ? error.GetBaseException().Message : error.Message;
}
