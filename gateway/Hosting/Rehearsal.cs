using System.Net;
using Gateway.Drills;
using Gateway.Nfs.Exports;
using Gateway.Replication.Links;
using Gateway.Replication.Store;
using Gateway.Users;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Hosting;

/// <summary>
/// A gateway serves for practice before it stands by: an empty volume in memory, on ports of the loopback device that nobody is told of,
/// to a client of its own. A process that serves for the first time loads types and binds calls for a third of a second, which
/// would otherwise be in the middle of a takeover while clients wait.
/// </summary>
internal static class Rehearsal
{
    private const string Volume = "rehearsal";

    private static readonly TimeSpan Writing = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <summary>What fails is logged: without practice the first takeover takes longer, and that is all.</summary>
    /// <param name="options">Of the gateway.</param>
    /// <param name="secret">Of the cluster.</param>
    /// <param name="users">Of the cluster; nobody logs on.</param>
    /// <param name="time">Bounds it.</param>
    /// <param name="logger">Told how long it took.</param>
    /// <param name="stop">Gives it up.</param>
    /// <returns>True when the client found what it had written.</returns>
    public static async Task<bool> RunAsync(
        GatewayOptions options, ClusterSecret secret, UserDirectory users, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        try
        {
            await using var server = new FileServer(OptionsOf(options), secret, users, time, NullLoggerFactory.Instance);
            await server.OpenAsync(Volume, new MemoryVolumeStore(), stop);
            var client = new WriteProbe([server.Protocols!.NfsAddress], "/" + Volume, "file", AnswerMax, time);
            await client.BeginAsync(stop);
            using (var written = new CancellationTokenSource(Writing, time))
            using (var over = CancellationTokenSource.CreateLinkedTokenSource(written.Token, stop))
                await client.RunAsync(over.Token);

            var isRight = await client.EndAsync(stop);
            Log.Rehearsed(logger, (long)time.GetElapsedTime(began).TotalMilliseconds);
            return isRight;
        }
        catch (Exception failure) when (failure is StartException or IOException)
        {
            Log.NotRehearsed(logger, failure.Message);
            return false;
        }
    }

    private static GatewayOptions OptionsOf(GatewayOptions options) => options with
    {
        Listen = IPAddress.Loopback,
        NfsPort = 0,
        IsRehearsal = true,
        Exports = [ExportOptions.Default(Volume)],
        Smb = options.Smb with { Shares = [ShareOptions.Default(Volume)] },
    };
}
