using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>SETATTR3args, RFC 1813 §3.3.2. The result is <see cref="WccRes"/>.</summary>
public readonly ref struct SetAttrArgs
{
    public required ReadOnlySpan<byte> Handle { get; init; }

    public required Nfs3SetAttributes Attributes { get; init; }

    /// <summary>sattrguard3: the change time the object must have, else NFS3ERR_NOT_SYNC.</summary>
    public Nfs3Time? Guard { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out SetAttrArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new SetAttrArgs
        {
            Handle = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
            Attributes = Nfs3SetAttributes.Read(ref reader),
            Guard = reader.ReadBoolean() ? Nfs3Time.Read(ref reader) : null,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Handle);
        Attributes.Write(writer);
        writer.WriteBoolean(Guard.HasValue);
        if (Guard is { } guard) guard.Write(writer);
    }
}
