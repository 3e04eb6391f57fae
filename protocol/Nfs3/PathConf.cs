using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>PATHCONF3res, RFC 1813 §3.3.20. The arguments are <see cref="HandleArgs"/>.</summary>
public readonly record struct PathConfRes
{
    public required Nfs3Status Status { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    public uint LinksMax { get; init; }

    public uint NameBytesMax { get; init; }

    /// <summary>A name that is too long is refused, not cut.</summary>
    public bool NoTruncation { get; init; }

    /// <summary>Only root may give a file away.</summary>
    public bool ChownRestricted { get; init; }

    public bool CaseInsensitive { get; init; }

    public bool CasePreserving { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out PathConfRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var attributes = Nfs3Attributes.ReadOptional(ref reader);
        parsed = status != Nfs3Status.Ok
            ? new PathConfRes { Status = status, Attributes = attributes }
            : new PathConfRes
            {
                Status = status,
                Attributes = attributes,
                LinksMax = reader.ReadUInt32(),
                NameBytesMax = reader.ReadUInt32(),
                NoTruncation = reader.ReadBoolean(),
                ChownRestricted = reader.ReadBoolean(),
                CaseInsensitive = reader.ReadBoolean(),
                CasePreserving = reader.ReadBoolean(),
            };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Nfs3Attributes.WriteOptional(writer, Attributes);
        if (Status != Nfs3Status.Ok) return;

        writer.WriteUInt32(LinksMax);
        writer.WriteUInt32(NameBytesMax);
        writer.WriteBoolean(NoTruncation);
        writer.WriteBoolean(ChownRestricted);
        writer.WriteBoolean(CaseInsensitive);
        writer.WriteBoolean(CasePreserving);
    }
}
