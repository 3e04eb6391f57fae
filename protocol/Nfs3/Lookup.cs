using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>LOOKUP3res, RFC 1813 §3.3.3. The arguments are <see cref="DirOpArgs"/>.</summary>
public readonly record struct LookupRes
{
    public required Nfs3Status Status { get; init; }

    /// <summary>Meaningful if and only if <see cref="Status"/> is Ok.</summary>
    public Nfs3Handle Handle { get; init; }

    public Nfs3Attributes? ObjectAttributes { get; init; }

    public Nfs3Attributes? DirectoryAttributes { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out LookupRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var ok = status == Nfs3Status.Ok;
        parsed = new LookupRes
        {
            Status = status,
            Handle = ok ? Nfs3Handle.Read(ref reader) : default,
            ObjectAttributes = ok ? Nfs3Attributes.ReadOptional(ref reader) : null,
            DirectoryAttributes = Nfs3Attributes.ReadOptional(ref reader),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        if (Status == Nfs3Status.Ok)
        {
            writer.WriteOpaque(Handle.Span);
            Nfs3Attributes.WriteOptional(writer, ObjectAttributes);
        }

        // Sent on failure too: the client refreshes its cached directory either way.
        Nfs3Attributes.WriteOptional(writer, DirectoryAttributes);
    }
}
