using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Users;

namespace Gateway.Hosting;

/// <summary>What a gateway prints when it serves: the line others wait for, and the mount commands for this machine.</summary>
internal static class ReadyNote
{
    /// <param name="firstPassword">Of the user that was just made; null when there were users already.</param>
    public static string Of(GatewayOptions options, IPEndPoint nfs, IPEndPoint? smb, string? firstPassword)
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

        if (smb is not null) AppendSmb(note, options, smb, host);
        if (firstPassword is not null)
        {
            note.AppendLine();
            note.AppendLine(CultureInfo.InvariantCulture,
                $"SMB user {FirstUser.Name}, password {firstPassword} (shown only now; nasgate user passwd {FirstUser.Name} sets another)");
        }

        if (IPAddress.IsLoopback(nfs.Address))
        {
            note.AppendLine();
            note.AppendLine("Only this machine is served. To serve the network: --listen 0.0.0.0");
        }

        return note.ToString().TrimEnd();
    }

    private static void AppendSmb(StringBuilder note, GatewayOptions options, IPEndPoint smb, string host)
    {
        var share = options.Smb.Shares[0].Name;
        var standard = smb.Port == SmbOptions.StandardPort;
        var port = standard ? "" : string.Create(CultureInfo.InvariantCulture, $",port={smb.Port}");
        var windowsPort = standard ? "" : string.Create(CultureInfo.InvariantCulture, $" /TCPPORT:{smb.Port}");
        note.AppendLine();
        note.AppendLine(
            CultureInfo.InvariantCulture, $"SMB on {smb}; from Linux, from Windows, and from a Mac (Finder, Go, Connect to server):");
        note.AppendLine(
            CultureInfo.InvariantCulture, $"  mount -t cifs -o vers=3.1.1,username={FirstUser.Name}{port} //{host}/{share} /mnt");
        note.AppendLine(CultureInfo.InvariantCulture, $"  net use Z: \\\\{host}\\{share} /user:{FirstUser.Name}{windowsPort}");
        var macPort = standard ? "" : string.Create(CultureInfo.InvariantCulture, $":{smb.Port}");
        note.AppendLine(CultureInfo.InvariantCulture, $"  smb://{FirstUser.Name}@{host}{macPort}/{share}");
    }

    private static string Protocol(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && !address.Equals(IPAddress.IPv6Any) ? "tcp6" : "tcp";

    private static string ClientAddress(IPAddress listen) =>
        listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any) ? Dns.GetHostName() : listen.ToString();
}
