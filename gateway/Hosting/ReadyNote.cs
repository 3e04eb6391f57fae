using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.Hosting;

/// <summary>What a gateway prints when it serves: the line others wait for, and the mount commands for this machine.</summary>
internal static class ReadyNote
{
    public static string Of(GatewayOptions options, IPEndPoint nfs)
    {
        var host = ClientAddress(nfs.Address);
        var named = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var port = nfs.Port.ToString(CultureInfo.InvariantCulture);
        var mountOptions = $"vers=3,proto={Protocol(nfs.Address)},port={port},mountport={port},nolock";
        var note = new StringBuilder();
        note.AppendLine(CultureInfo.InvariantCulture, $"nasgate: ready, serving {GatewayProcess.VolumeName} on {nfs}");
        note.AppendLine();
        note.AppendLine(CultureInfo.InvariantCulture,
            $"  mount -t nfs -o {mountOptions} {named}:/{GatewayProcess.VolumeName} /mnt");
        if (options.Portmap || nfs.Port == 2049)
        {
            note.AppendLine();
            note.AppendLine("With rpcbind on this machine, or with --portmap, locks work too:");
            note.AppendLine(CultureInfo.InvariantCulture, $"  mount -t nfs -o vers=3 {named}:/{GatewayProcess.VolumeName} /mnt");
        }

        if (IPAddress.IsLoopback(nfs.Address))
        {
            note.AppendLine();
            note.AppendLine("Only this machine is served. To serve the network: --listen 0.0.0.0");
        }

        return note.ToString().TrimEnd();
    }

    private static string Protocol(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && !address.Equals(IPAddress.IPv6Any) ? "tcp6" : "tcp";

    private static string ClientAddress(IPAddress listen) =>
        listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any) ? Dns.GetHostName() : listen.ToString();
}
