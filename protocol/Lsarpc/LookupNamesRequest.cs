using System.Runtime.InteropServices;
using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LsarLookupNames, LsarLookupNames2 and LsarLookupNames3, MS-LSAT 3.1.4.8, 3.1.4.7 and 3.1.4.6.</summary>
public sealed record LookupNamesRequest(PolicyHandle Policy, IReadOnlyList<string> Names)
{
    public static bool TryParse(ReadOnlySpan<byte> stub, out LookupNamesRequest request)
    {
        var reader = new NdrReader(stub);
        var policy = PolicyHandle.Read(ref reader);
        var count = reader.ReadCount(LsarpcProtocol.LookupsMax);
        if (reader.ReadCount(LsarpcProtocol.LookupsMax) != count) reader.Fail();

        // RPC_UNICODE_STRING: length and room in bytes, and a pointer.
        var lengths = new List<int>();
        for (var index = 0; index < count && reader.Intact; index++)
        {
            int bytes = reader.ReadUInt16();
            reader.ReadUInt16();
            var isThere = reader.ReadPointer();
            if (bytes % sizeof(char) != 0 || (!isThere && bytes > 0)) reader.Fail();
            lengths.Add(isThere ? bytes / sizeof(char) : -1);
        }

        var names = new List<string>();
        foreach (var length in lengths) names.Add(length < 0 ? "" : ReadCharacters(ref reader, length));

        request = new LookupNamesRequest(policy, names);
        return reader.Intact;
    }

    private static string ReadCharacters(scoped ref NdrReader reader, int length)
    {
        var room = reader.ReadUInt32();
        if (reader.ReadUInt32() != 0 || reader.ReadUInt32() != (uint)length || room < (uint)length || length > LsarpcProtocol.NameLengthMax)
        {
            reader.Fail();
            return "";
        }

        var bytes = reader.ReadBytes(length * sizeof(char));
        return new string(MemoryMarshal.Cast<byte, char>(bytes));
    }
}
