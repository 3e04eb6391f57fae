using Microsoft.Extensions.Logging;

namespace Gateway.Telemetry;

// Log messages about the port mapper: event ids 1100 to 1149.
internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Information, "rpcbind knows {Count} of our program versions.")]
    public static partial void RpcbindRegistered(this ILogger logger, int count);

    [LoggerMessage(1101, LogLevel.Warning, "Another server on this machine answers for program {Program}: left to it.")]
    public static partial void RpcbindProgramTaken(this ILogger logger, uint program);

    [LoggerMessage(1102, LogLevel.Warning, "rpcbind refused program {Program} version {Version} on {NetworkId}.")]
    public static partial void RpcbindRefused(this ILogger logger, uint program, uint version, string networkId);

    [LoggerMessage(1103, LogLevel.Warning, "rpcbind does not answer as it should: {Reason}")]
    public static partial void RpcbindFailed(this ILogger logger, string reason);
}
