using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LSAPR_TRANSLATED_NAME and its EX form, MS-LSAT 2.2.20 and 2.2.22: what a SID is called.</summary>
public readonly record struct TranslatedName(SidNameUse Use, string Name, int Domain)
{
    /// <summary>Writes LSAPR_TRANSLATED_NAMES.</summary>
    public static void WriteAll(NdrWriter writer, IReadOnlyList<TranslatedName> names, bool extended)
    {
        writer.WriteUInt32((uint)names.Count);
        writer.WritePointer(names.Count > 0);
        if (names.Count == 0) return;

        writer.WriteUInt32((uint)names.Count);
        foreach (var name in names)
        {
            writer.Align(sizeof(uint));
            writer.WriteUInt16((ushort)name.Use);
            writer.WriteCountedStringHead(name.Name);
            writer.WriteInt32(name.Domain);
            if (extended) writer.WriteUInt32(0);
        }

        foreach (var name in names) writer.WriteCountedString(name.Name);
    }
}
