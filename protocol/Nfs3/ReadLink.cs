using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>READLINK3res, RFC 1813 §3.3.5. The arguments are <see cref="HandleArgs"/>.</summary>
public readonly ref struct ReadLinkRes
{
    public required Nfs3Status Status { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    /// <summary>The content of the link, not interpreted by the server.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out ReadLinkRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        parsed = new ReadLinkRes
        {
            Status = status,
            Attributes = Nfs3Attributes.ReadOptional(ref reader),
            Path = status == Nfs3Status.Ok ? reader.ReadOpaque(Nfs3Protocol.PathBytesMax) : default,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Nfs3Attributes.WriteOptional(writer, Attributes);
        if (Status == Nfs3Status.Ok) writer.WriteOpaque(Path);
    }
}
