using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Replication.Control.Etcd;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Replication.Tests.Control.Etcd;

/// <summary>Answers calls of gRPC as a test tells it to: also in ways that etcd has only on bad days.</summary>
internal sealed class FakeEtcd : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FakeEtcd(WebApplication application) => _application = application;

    /// <summary>What answers a call, by the last part of its name.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, Task>> Methods { get; } = [];

    /// <summary>The last parts of the names of all calls that came.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    public Uri Address => new(_application.Urls.Single());

    public static async Task<FakeEtcd> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        var fake = new FakeEtcd(application);
        application.Run(fake.AnswerAsync);
        await application.StartAsync();
        return fake;
    }

    /// <summary>One message, and the end.</summary>
    public static async Task SayAsync(HttpContext call, byte[] message)
    {
        await TellAsync(call, message);
        End(call, GrpcStatus.Ok);
    }

    /// <summary>A message, after which more may come.</summary>
    public static async Task TellAsync(HttpContext call, byte[] message)
    {
        if (!call.Response.HasStarted) call.Response.ContentType = "application/grpc";
        await call.Response.Body.WriteAsync(GrpcFrame.Of(message));
        await call.Response.Body.FlushAsync();
    }

    public static Task FailAsync(HttpContext call, GrpcStatus status, string message)
    {
        call.Response.ContentType = "application/grpc";
        End(call, status);
        call.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(message));
        return Task.CompletedTask;
    }

    /// <summary>Says nothing until the caller gives up.</summary>
    public static async Task HangAsync(HttpContext call)
    {
        var gone = new TaskCompletionSource();
        await using var _ = call.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    public static Task AbortAsync(HttpContext call)
    {
        call.Abort();
        return Task.CompletedTask;
    }

    public static void End(HttpContext call, GrpcStatus status) =>
        call.Response.AppendTrailer("grpc-status", ((int)status).ToString(CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private Task AnswerAsync(HttpContext call)
    {
        var method = call.Request.Path.Value!.Split('/')[^1];
        Calls.Enqueue(method);
        return Methods.TryGetValue(method, out var answer) ? answer(call) : FailAsync(call, GrpcStatus.Unimplemented, "not played");
    }
}
