using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>wcc_attr, RFC 1813 §2.6: what lets a client see that nobody else changed the object in between.</summary>
public readonly record struct Nfs3WccAttributes(ulong Size, Nfs3Time ModifyTime, Nfs3Time ChangeTime);

/// <summary>wcc_data, RFC 1813 §2.6: an object just before and just after an operation on it.</summary>
/// <remarks>
/// <see cref="Before"/> must be absent unless it was taken atomically with the operation: a client trusts it
/// and keeps its cache.
/// </remarks>
public readonly record struct Nfs3WccData(Nfs3WccAttributes? Before, Nfs3Attributes? After)
{
    internal static Nfs3WccData Read(ref XdrReader reader)
    {
        Nfs3WccAttributes? before = null;
        if (reader.ReadBoolean())
            before = new(reader.ReadUInt64(), Nfs3Time.Read(ref reader), Nfs3Time.Read(ref reader));
        return new Nfs3WccData(before, Nfs3Attributes.ReadOptional(ref reader));
    }

    internal void Write(XdrWriter writer)
    {
        writer.WriteBoolean(Before.HasValue);
        if (Before is { } before)
        {
            writer.WriteUInt64(before.Size);
            before.ModifyTime.Write(writer);
            before.ChangeTime.Write(writer);
        }

        Nfs3Attributes.WriteOptional(writer, After);
    }
}
