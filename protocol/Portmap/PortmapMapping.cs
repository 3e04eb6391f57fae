using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Portmap;

/// <summary>mapping of the port mapper, version 2, RFC 1833 §3.1: which port serves a program over a protocol.</summary>
/// <remarks><code>prog | vers | prot | port</code></remarks>
public readonly record struct PortmapMapping(uint Program, uint Version, TransportProtocol Protocol, uint Port)
{
    public static PortmapMapping Read(ref XdrReader reader) =>
        new(reader.ReadUInt32(), reader.ReadUInt32(), (TransportProtocol)reader.ReadUInt32(), reader.ReadUInt32());

    public static bool TryParse(ReadOnlySpan<byte> arguments, out PortmapMapping mapping)
    {
        var reader = new XdrReader(arguments);
        mapping = Read(ref reader);
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32(Program);
        writer.WriteUInt32(Version);
        writer.WriteUInt32((uint)Protocol);
        writer.WriteUInt32(Port);
    }

    /// <summary>pmaplist: each entry is preceded by TRUE, the end is FALSE.</summary>
    public static void WriteList(XdrWriter writer, IEnumerable<PortmapMapping> mappings)
    {
        foreach (var mapping in mappings)
        {
            writer.WriteBoolean(true);
            mapping.Write(writer);
        }

        writer.WriteBoolean(false);
    }

    /// <summary>Reads a pmaplist of at most <paramref name="countMax"/> entries.</summary>
    public static bool TryParseList(ReadOnlySpan<byte> results, int countMax, List<PortmapMapping> mappings)
    {
        var reader = new XdrReader(results);
        while (reader.ReadBoolean())
        {
            if (mappings.Count >= countMax) return false;
            mappings.Add(Read(ref reader));
        }

        return reader.IsComplete;
    }
}

/// <summary>prot of RFC 1833 §3.1: the IP protocol number.</summary>
public enum TransportProtocol : uint
{
    Tcp = 6,
    Udp = 17,
}

/// <summary>Procedures of the port mapper, version 2, RFC 1833 §3.1.</summary>
public enum PortmapProcedure : uint
{
    Null = 0,
    Set = 1,
    Unset = 2,
    GetPort = 3,
    Dump = 4,
    CallIt = 5,
}
