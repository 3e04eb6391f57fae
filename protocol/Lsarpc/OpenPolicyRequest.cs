using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LsarOpenPolicy and LsarOpenPolicy2, MS-LSAD 3.1.4.4.1 and 3.1.4.4.2.</summary>
public readonly record struct OpenPolicyRequest(uint DesiredAccess)
{
    private const int SystemNameLengthMax = 1024;

    /// <param name="named">The server's name is a string and not, by an accident of history, one character.</param>
    public static bool TryParse(ReadOnlySpan<byte> stub, bool named, out OpenPolicyRequest request)
    {
        var reader = new NdrReader(stub);
        if (named) reader.ReadUniqueString(SystemNameLengthMax);
        else if (reader.ReadPointer()) reader.ReadUInt16();

        ReadObjectAttributes(ref reader);
        request = new OpenPolicyRequest(reader.ReadUInt32());
        return reader.Intact;
    }

    /// <summary>
    /// LSAPR_OBJECT_ATTRIBUTES, MS-LSAD 2.2.2.4: ignored but for its end. Only the quality of service is ever there; what else
    /// there could be is not known by its length, so it is refused.
    /// </summary>
    private static void ReadObjectAttributes(scoped ref NdrReader reader)
    {
        reader.ReadUInt32();
        if (reader.ReadPointer() || reader.ReadPointer()) reader.Fail();
        reader.ReadUInt32();
        if (reader.ReadPointer()) reader.Fail();
        if (!reader.ReadPointer()) return;

        reader.ReadUInt32();
        reader.ReadUInt16();
        reader.ReadByte();
        reader.ReadByte();
    }
}
