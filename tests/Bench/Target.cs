using System.Globalization;
using System.Net;
using Gateway.NfsClient;

namespace Gateway.Bench;

/// <summary>A server to load: <c>NAME=ADDRESS:NFSPORT:MOUNTPORT:EXPORT</c>.</summary>
internal sealed record Target(string Name, IPEndPoint Nfs, int MountPort, string Export)
{
    public static Target Parse(string text)
    {
        var parts = text.Split('=', 2);
        var place = parts.Length == 2 ? parts[1].Split(':', 4) : [];
        return place.Length == 4
            ? new Target(
                parts[0],
                new IPEndPoint(IPAddress.Parse(place[0]), int.Parse(place[1], CultureInfo.InvariantCulture)),
                int.Parse(place[2], CultureInfo.InvariantCulture),
                place[3])
            : throw new FormatException($"'{text}' is not NAME=ADDRESS:NFSPORT:MOUNTPORT:EXPORT");
    }

    public NfsShare Mount(uint firstXid) =>
        NfsShare.Mount(Nfs, MountPort, Export, firstXid, replyMax: TimeSpan.FromSeconds(120));
}
