using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LSAPR_REFERENCED_DOMAIN_LIST, MS-LSAT 2.2.12: the domains of what was found, that each result names by number.</summary>
public sealed class ReferencedDomains
{
    /// <summary>Of what was not found.</summary>
    public const int None = -1;

    private readonly List<(string Name, byte[] Sid)> _domains = [];

    /// <summary>The number of the domain, which is added when it is not there.</summary>
    public int Add(string name, byte[] sid)
    {
        var index = _domains.FindIndex(domain => domain.Sid.AsSpan().SequenceEqual(sid));
        if (index >= 0) return index;

        _domains.Add((name, sid));
        return _domains.Count - 1;
    }

    /// <summary>Writes the pointer to the list and the list.</summary>
    public void Write(NdrWriter writer)
    {
        writer.WritePointer();
        writer.WriteUInt32((uint)_domains.Count);
        writer.WritePointer(_domains.Count > 0);
        writer.WriteUInt32((uint)_domains.Count);
        if (_domains.Count == 0) return;

        writer.WriteUInt32((uint)_domains.Count);
        foreach (var (name, _) in _domains)
        {
            writer.WriteCountedStringHead(name);
            writer.WritePointer();
        }

        foreach (var (name, sid) in _domains)
        {
            writer.WriteCountedString(name);
            WriteSid(writer, sid);
        }
    }

    /// <summary>RPC_SID, MS-DTYP 2.4.2.3.</summary>
    internal static void WriteSid(NdrWriter writer, byte[] sid)
    {
        writer.WriteUInt32(sid[1]);
        writer.WriteBytes(sid);
    }
}
