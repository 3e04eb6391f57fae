using System.Net;
using Microsoft.Extensions.Logging;

namespace Gateway.Addresses;

// Log messages of service addresses: event ids 120 to 139.
internal static partial class Log
{
    [LoggerMessage(120, LogLevel.Information, "Took the address {Address}; {Connections} connections of the owner before are told.")]
    public static partial void AddressTaken(ILogger logger, ServiceAddress address, int connections);

    [LoggerMessage(121, LogLevel.Information, "Released the address {Address}.")]
    public static partial void AddressReleased(ILogger logger, ServiceAddress address);

    [LoggerMessage(122, LogLevel.Warning, "The address {Address}: {Trouble}.")]
    public static partial void AddressTrouble(ILogger logger, ServiceAddress address, string trouble);

    [LoggerMessage(123, LogLevel.Information, "{Program} was told to {Event} volume {Volume}.")]
    public static partial void HookDone(ILogger logger, string program, string @event, string volume);

    [LoggerMessage(124, LogLevel.Information, "{Program} at {Event} of volume {Volume}: {Output}")]
    public static partial void HookSaid(ILogger logger, string program, string @event, string volume, string output);

    [LoggerMessage(125, LogLevel.Error, "{Program} failed at {Event} of volume {Volume}: {Trouble}.")]
    public static partial void HookFailed(ILogger logger, string program, string @event, string volume, string trouble);

    [LoggerMessage(126, LogLevel.Debug, "Recorded {Count} connections to {Address}.")]
    public static partial void ConnectionsRecorded(ILogger logger, int count, IPAddress address);
}
