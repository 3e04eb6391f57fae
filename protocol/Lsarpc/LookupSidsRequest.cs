using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LsarLookupSids and LsarLookupSids2, MS-LSAT 3.1.4.11 and 3.1.4.10.</summary>
public sealed record LookupSidsRequest(PolicyHandle Policy, IReadOnlyList<byte[]> Sids)
{
    private const int SidHeaderBytes = 8;
    private const int SubAuthoritiesMax = 15;

    public static bool TryParse(ReadOnlySpan<byte> stub, out LookupSidsRequest request)
    {
        var reader = new NdrReader(stub);
        var policy = PolicyHandle.Read(ref reader);
        var count = reader.ReadCount(LsarpcProtocol.LookupsMax);
        var sids = new List<byte[]>();
        if (reader.ReadPointer())
        {
            if (reader.ReadCount(LsarpcProtocol.LookupsMax) != count) reader.Fail();

            // A null SID cannot be looked up and has no place in the answer.
            for (var index = 0; index < count && reader.Intact; index++)
            {
                if (!reader.ReadPointer()) reader.Fail();
            }

            for (var index = 0; index < count && reader.Intact; index++) sids.Add(ReadSid(ref reader));
        }
        else if (count > 0)
        {
            reader.Fail();
        }

        // Translated names, level, count and options follow: room for the answer, and how far to search.
        request = new LookupSidsRequest(policy, sids);
        return reader.Intact;
    }

    /// <summary>RPC_SID, MS-DTYP 2.4.2.3, in the binary form of MS-DTYP 2.4.2.2.</summary>
    private static byte[] ReadSid(scoped ref NdrReader reader)
    {
        var subAuthorities = reader.ReadCount(SubAuthoritiesMax);
        var sid = reader.ReadBytes(SidHeaderBytes + (subAuthorities * sizeof(uint))).ToArray();
        if (sid.Length < SidHeaderBytes || sid[1] != subAuthorities) reader.Fail();
        return sid;
    }
}
