using Gateway.Nfs.Rpc;
using Gateway.Protocol.Portmap;

namespace Gateway.Nfs.Portmap;

/// <summary>One version of a program that we serve over TCP, and its port; over UDP too if it takes datagrams.</summary>
internal readonly record struct PortmapService(uint Program, uint Version, int Port, bool Datagrams = false)
{
    private static readonly string[] Stream = [UniversalAddress.Tcp, UniversalAddress.Tcp6];
    private static readonly string[] Both =
        [UniversalAddress.Tcp, UniversalAddress.Tcp6, UniversalAddress.Udp, UniversalAddress.Udp6];

    /// <summary>The transports it is served on.</summary>
    public IReadOnlyList<string> NetworkIds => Datagrams ? Both : Stream;

    /// <summary>Everything the programs behind one port offer.</summary>
    public static IReadOnlyList<PortmapService> Of(IEnumerable<IRpcProgram> programs, int port)
    {
        var services = new List<PortmapService>();
        foreach (var program in programs)
        {
            for (var version = program.VersionMin; version <= program.VersionMax; version++)
            {
                if (!program.SupportsVersion(version)) continue;
                services.Add(new PortmapService(program.Number, version, port, program.TakesDatagrams));
            }
        }

        return services;
    }
}
