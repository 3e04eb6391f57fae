using Gateway.Hosting;

namespace Gateway.Tests.Hosting;

/// <summary>Clients find the gateway by themselves.</summary>
internal sealed class NoAddress : IServiceAddress
{
    public Task TakeAsync(string volume, CancellationToken cancellation) => Task.CompletedTask;

    public Task ReleaseAsync(string volume, CancellationToken cancellation) => Task.CompletedTask;
}
