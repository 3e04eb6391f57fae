using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>createmode3, RFC 1813 §3.3.8.</summary>
public enum Nfs3CreateMode : uint
{
    Unchecked = 0,
    Guarded = 1,
    Exclusive = 2,
}

/// <summary>CREATE3args, RFC 1813 §3.3.8. The result is <see cref="NewObjectRes"/>.</summary>
public readonly ref struct CreateArgs
{
    public required DirOpArgs Where { get; init; }

    public required Nfs3CreateMode Mode { get; init; }

    /// <summary>For UNCHECKED and GUARDED.</summary>
    public Nfs3SetAttributes Attributes { get; init; }

    /// <summary>createverf3, for EXCLUSIVE: the same again means the same creation.</summary>
    public ulong Verifier { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out CreateArgs args)
    {
        var reader = new XdrReader(arguments);
        var where = DirOpArgs.Read(ref reader);
        var mode = (Nfs3CreateMode)reader.ReadEnum((uint)Nfs3CreateMode.Exclusive);
        var exclusive = mode == Nfs3CreateMode.Exclusive;
        args = new CreateArgs
        {
            Where = where,
            Mode = mode,
            Attributes = exclusive ? default : Nfs3SetAttributes.Read(ref reader),
            Verifier = exclusive ? reader.ReadUInt64() : 0,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        Where.Write(writer);
        writer.WriteUInt32((uint)Mode);
        if (Mode == Nfs3CreateMode.Exclusive)
            writer.WriteUInt64(Verifier);
        else
            Attributes.Write(writer);
    }
}
