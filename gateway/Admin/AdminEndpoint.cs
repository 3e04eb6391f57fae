using System.Net;
using Gateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Admin;

/// <summary>
/// The administration of a gateway over HTTP, for <c>nasgate status</c>, <c>verify</c>, <c>user</c> and <c>node add</c>. Loopback only.
/// </summary>
internal sealed class AdminEndpoint : IAsyncDisposable
{
    private const int RequestBytesMax = 16 << 10;

    private static readonly string[] HostsAllowed = ["127.0.0.1", "localhost", "[::1]"];

    private readonly WebApplication _application;

    private AdminEndpoint(WebApplication application) => _application = application;

    /// <summary>Answers what the requests ask.</summary>
    public interface IAnswers
    {
        StatusReport Status();

        /// <returns>Null when there is nothing at the path.</returns>
        Task<VerifyReport?> VerifyAsync(string? path, CancellationToken cancellation);

        /// <param name="message">Sealed by <see cref="AdminSeal"/>.</param>
        /// <param name="cancellation">Who asks has gone.</param>
        /// <returns>The sealed answer; null when who asks does not know the cluster's secret.</returns>
        Task<byte[]?> ChangeUsersAsync(byte[] message, CancellationToken cancellation);

        /// <inheritdoc cref="ChangeUsersAsync"/>
        Task<byte[]?> ChangeNodesAsync(byte[] message, CancellationToken cancellation);

        /// <inheritdoc cref="ChangeUsersAsync"/>
        Task<byte[]?> ChangeVolumesAsync(byte[] message, CancellationToken cancellation);
    }

    /// <exception cref="StartException">The port is in use.</exception>
    public static async Task<AdminEndpoint> ListenAsync(int port, IAnswers answers, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers).AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, port);
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = 100;
            options.Limits.MaxRequestBodySize = RequestBytesMax;
        });

        var application = builder.Build();
        application.Use(RefuseForeignHosts);
        application.MapGet("/api/status", () => Results.Json(answers.Status(), StatusJson.Default.StatusReport));
        application.MapPost("/api/verify", (string? path, CancellationToken aborted) => VerifyAsync(answers, path, aborted));
        application.MapPost("/api/users", (HttpRequest request, CancellationToken aborted) =>
            AnswerSealedAsync(answers.ChangeUsersAsync, request, aborted));
        application.MapPost("/api/nodes", (HttpRequest request, CancellationToken aborted) =>
            AnswerSealedAsync(answers.ChangeNodesAsync, request, aborted));
        application.MapPost("/api/volumes", (HttpRequest request, CancellationToken aborted) =>
            AnswerSealedAsync(answers.ChangeVolumesAsync, request, aborted));
        try
        {
            await application.StartAsync();
        }
        catch (IOException error)
        {
            await application.DisposeAsync();
            throw new StartException($"cannot listen on port {port} for administration: {error.Message}", error);
        }

        return new AdminEndpoint(application);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    // A page in somebody's browser must not reach this port by a name that resolves to loopback.
    private static Task RefuseForeignHosts(HttpContext context, RequestDelegate next)
    {
        if (HostsAllowed.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase)) return next(context);

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return Task.CompletedTask;
    }

    private static async Task<IResult> VerifyAsync(IAnswers answers, string? path, CancellationToken aborted)
    {
        try
        {
            var report = await answers.VerifyAsync(path, aborted);
            return report is null
                ? Results.Text($"there is nothing at '{path}'", statusCode: StatusCodes.Status404NotFound)
                : Results.Json(report, VerifyJson.Default.VerifyReport);
        }
        catch (StartException error)
        {
            return Results.Text(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<IResult> AnswerSealedAsync(
        Func<byte[], CancellationToken, Task<byte[]?>> change, HttpRequest request, CancellationToken aborted)
    {
        using var message = new MemoryStream();
        await request.Body.CopyToAsync(message, aborted);
        var answer = await change(message.ToArray(), aborted);
        return answer is null
            ? Results.StatusCode(StatusCodes.Status403Forbidden)
            : Results.Bytes(answer, "application/octet-stream");
    }
}
