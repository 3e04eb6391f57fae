using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>GETATTR3res, RFC 1813 §3.3.1. The arguments are <see cref="HandleArgs"/>.</summary>
public readonly record struct GetAttrRes
{
    public required Nfs3Status Status { get; init; }

    /// <summary>Present if and only if <see cref="Status"/> is Ok.</summary>
    public Nfs3Attributes? Attributes { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out GetAttrRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        parsed = new GetAttrRes
        {
            Status = status,
            Attributes = status == Nfs3Status.Ok ? Nfs3Attributes.Read(ref reader) : null,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        if (Status == Nfs3Status.Ok) Attributes!.Value.Write(writer);
    }
}
