using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests;

internal static class FreePort
{
    /// <summary>A port of the loopback device that is free now; somebody else may take it before it is used.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
