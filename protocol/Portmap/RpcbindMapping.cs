using System.Text;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Portmap;

/// <summary>rpcb of rpcbind, versions 3 and 4, RFC 1833 §2.1: the universal address of a program on a transport.</summary>
/// <remarks><code>r_prog | r_vers | r_netid string | r_addr string | r_owner string</code></remarks>
public readonly record struct RpcbindMapping(
    uint Program, uint Version, string NetworkId, string Address, string Owner)
{
    /// <summary>The RFC sets no bound; no address or name of a transport comes near this.</summary>
    public const int TextBytesMax = 256;

    public static RpcbindMapping Read(ref XdrReader reader) =>
        new(reader.ReadUInt32(), reader.ReadUInt32(), ReadText(ref reader), ReadText(ref reader), ReadText(ref reader));

    public static bool TryParse(ReadOnlySpan<byte> arguments, out RpcbindMapping mapping)
    {
        var reader = new XdrReader(arguments);
        mapping = Read(ref reader);
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32(Program);
        writer.WriteUInt32(Version);
        WriteText(writer, NetworkId);
        WriteText(writer, Address);
        WriteText(writer, Owner);
    }

    /// <summary>rpcblist: each entry is preceded by TRUE, the end is FALSE.</summary>
    public static void WriteList(XdrWriter writer, IEnumerable<RpcbindMapping> mappings)
    {
        foreach (var mapping in mappings)
        {
            writer.WriteBoolean(true);
            mapping.Write(writer);
        }

        writer.WriteBoolean(false);
    }

    /// <summary>Reads an rpcblist of at most <paramref name="countMax"/> entries.</summary>
    public static bool TryParseList(ReadOnlySpan<byte> results, int countMax, List<RpcbindMapping> mappings)
    {
        var reader = new XdrReader(results);
        while (reader.ReadBoolean())
        {
            if (mappings.Count >= countMax) return false;
            mappings.Add(Read(ref reader));
        }

        return reader.IsComplete;
    }

    /// <summary>A universal address as a result of GETADDR and its kin; empty when there is none.</summary>
    public static bool TryParseAddress(ReadOnlySpan<byte> results, out string address)
    {
        var reader = new XdrReader(results);
        address = ReadText(ref reader);
        return reader.IsComplete;
    }

    public static void WriteText(XdrWriter writer, string text) => writer.WriteOpaque(Encoding.Latin1.GetBytes(text));

    private static string ReadText(ref XdrReader reader) =>
        Encoding.Latin1.GetString(reader.ReadOpaque(TextBytesMax));
}

/// <summary>Procedures of rpcbind, RFC 1833 §2.1; those above 8 are version 4's.</summary>
public enum RpcbindProcedure : uint
{
    Null = 0,
    Set = 1,
    Unset = 2,
    GetAddress = 3,
    Dump = 4,
    CallIt = 5,
    GetTime = 6,
    UniversalToTransport = 7,
    TransportToUniversal = 8,
    GetVersionAddress = 9,
    Indirect = 10,
    GetAddressList = 11,
    GetStatistics = 12,
}

/// <summary>rpcb_entry, RFC 1833 §2.1: one line of GETADDRLIST.</summary>
public readonly record struct RpcbindEntry(
    string Address, string NetworkId, RpcbindSemantics Semantics, string ProtocolFamily, string ProtocolName)
{
    public static void WriteList(XdrWriter writer, IEnumerable<RpcbindEntry> entries)
    {
        foreach (var entry in entries)
        {
            writer.WriteBoolean(true);
            RpcbindMapping.WriteText(writer, entry.Address);
            RpcbindMapping.WriteText(writer, entry.NetworkId);
            writer.WriteUInt32((uint)entry.Semantics);
            RpcbindMapping.WriteText(writer, entry.ProtocolFamily);
            RpcbindMapping.WriteText(writer, entry.ProtocolName);
        }

        writer.WriteBoolean(false);
    }
}

/// <summary>r_nc_semantics, RFC 1833 §2.1.</summary>
public enum RpcbindSemantics : uint
{
    Connectionless = 1,
    ConnectionOriented = 2,
    ConnectionOrientedOrderly = 3,
    Raw = 4,
}
