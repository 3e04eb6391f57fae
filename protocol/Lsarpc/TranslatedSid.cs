using System.Buffers.Binary;
using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LSA_TRANSLATED_SID and its EX and EX2 forms, MS-LSAT 2.2.14, 2.2.24 and 2.2.26: whom a name means.</summary>
/// <param name="Sid">Binary; null when nobody is called so.</param>
public readonly record struct TranslatedSid(SidNameUse Use, byte[]? Sid, int Domain)
{
    /// <summary>Of a domain itself, and of nobody.</summary>
    private const uint NoRelativeId = uint.MaxValue;

    private uint RelativeId => Sid is null || Use == SidNameUse.Domain || Sid[1] == 0
        ? NoRelativeId
        : BinaryPrimitives.ReadUInt32LittleEndian(Sid.AsSpan(^sizeof(uint)..));

    /// <summary>Writes LSAPR_TRANSLATED_SIDS, or LSAPR_TRANSLATED_SIDS_EX.</summary>
    public static void WriteAll(NdrWriter writer, IReadOnlyList<TranslatedSid> sids, bool extended)
    {
        if (!WriteHead(writer, sids.Count)) return;

        foreach (var sid in sids)
        {
            writer.Align(sizeof(uint));
            writer.WriteUInt16((ushort)sid.Use);
            writer.WriteUInt32(sid.RelativeId);
            writer.WriteInt32(sid.Domain);
            if (extended) writer.WriteUInt32(0);
        }
    }

    /// <summary>Writes LSAPR_TRANSLATED_SIDS_EX2.</summary>
    public static void WriteAllWhole(NdrWriter writer, IReadOnlyList<TranslatedSid> sids)
    {
        if (!WriteHead(writer, sids.Count)) return;

        foreach (var sid in sids)
        {
            writer.Align(sizeof(uint));
            writer.WriteUInt16((ushort)sid.Use);
            writer.WritePointer(sid.Sid is not null);
            writer.WriteInt32(sid.Domain);
            writer.WriteUInt32(0);
        }

        foreach (var sid in sids)
        {
            if (sid.Sid is not null) ReferencedDomains.WriteSid(writer, sid.Sid);
        }
    }

    private static bool WriteHead(NdrWriter writer, int count)
    {
        writer.WriteUInt32((uint)count);
        writer.WritePointer(count > 0);
        if (count > 0) writer.WriteUInt32((uint)count);
        return count > 0;
    }
}
