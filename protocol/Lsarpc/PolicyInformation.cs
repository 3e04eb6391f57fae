using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LSAPR_POLICY_INFORMATION, MS-LSAD 2.2.4.2: what a member of no domain says of itself.</summary>
/// <param name="Name">Of the domain; the machine's own or its workgroup.</param>
/// <param name="Sid">Binary; null for a workgroup, which has none.</param>
public readonly record struct PolicyInformation(PolicyInformationClass Class, string Name, byte[]? Sid)
{
    /// <summary>PolicyServerRolePrimary: this machine decides about its accounts itself.</summary>
    private const ushort PrimaryRole = 3;

    public static bool IsKnown(ushort level) =>
        (PolicyInformationClass)level is PolicyInformationClass.PrimaryDomain or PolicyInformationClass.AccountDomain
            or PolicyInformationClass.ServerRole or PolicyInformationClass.DnsDomain;

    public static bool TryParseRequest(ReadOnlySpan<byte> stub, out PolicyHandle policy, out ushort level)
    {
        var reader = new NdrReader(stub);
        policy = PolicyHandle.Read(ref reader);
        level = reader.ReadUInt16();
        return reader.Intact;
    }

    /// <summary>Writes the pointer to the union, and the union.</summary>
    public void Write(NdrWriter writer)
    {
        writer.WritePointer();
        writer.WriteUInt16((ushort)Class);
        if (Class == PolicyInformationClass.ServerRole)
        {
            writer.WriteUInt16(PrimaryRole);
            return;
        }

        writer.WriteCountedStringHead(Name);
        var isDns = Class == PolicyInformationClass.DnsDomain;
        if (isDns)
        {
            writer.WriteCountedStringHead("");
            writer.WriteCountedStringHead("");
            writer.WriteGuid(Guid.Empty);
        }

        writer.WritePointer(Sid is not null);
        writer.WriteCountedString(Name);
        if (isDns)
        {
            writer.WriteCountedString("");
            writer.WriteCountedString("");
        }

        if (Sid is not null) ReferencedDomains.WriteSid(writer, Sid);
    }
}
