using System.Net;
using Gateway.Hosting;
using Gateway.Nfs.Exports;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Hosting;

/// <summary>What gateways of tests are told; a test changes what it is about.</summary>
internal static class LocalGateway
{
    /// <summary>On loopback, at ports that the system chooses, without SMB and nodes, with the export <c>/files</c>.</summary>
    public static GatewayOptions Options(string dataDirectory = "unused") => new()
    {
        Process = new ProcessOptions { DataDirectory = dataDirectory, SecretFile = "unused", LogLevel = LogLevel.None },
        Listen = IPAddress.Loopback,
        NfsPort = 0,
        HttpPort = 0,
        Portmap = false,
        Nodes = [],
        Exports = [ExportOptions.Default("files")],
    };
}
