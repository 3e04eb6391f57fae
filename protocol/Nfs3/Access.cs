using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>The ACCESS3 bits, RFC 1813 §3.3.4.</summary>
[Flags]
public enum Nfs3AccessBits : uint
{
    None = 0,
    Read = 0x01,
    Lookup = 0x02,
    Modify = 0x04,
    Extend = 0x08,
    Delete = 0x10,
    Execute = 0x20,
    All = 0x3F,
}

/// <summary>ACCESS3args, RFC 1813 §3.3.4.</summary>
public readonly ref struct AccessArgs
{
    public required ReadOnlySpan<byte> Handle { get; init; }

    /// <summary>The bits asked about; those we do not know are never granted.</summary>
    public required Nfs3AccessBits Access { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out AccessArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new AccessArgs
        {
            Handle = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
            Access = (Nfs3AccessBits)reader.ReadUInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Handle);
        writer.WriteUInt32((uint)Access);
    }
}

/// <summary>ACCESS3res, RFC 1813 §3.3.4.</summary>
public readonly record struct AccessRes
{
    public required Nfs3Status Status { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    public Nfs3AccessBits Access { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out AccessRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        parsed = new AccessRes
        {
            Status = status,
            Attributes = Nfs3Attributes.ReadOptional(ref reader),
            Access = status == Nfs3Status.Ok ? (Nfs3AccessBits)reader.ReadUInt32() : default,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Nfs3Attributes.WriteOptional(writer, Attributes);
        if (Status == Nfs3Status.Ok) writer.WriteUInt32((uint)Access);
    }
}
