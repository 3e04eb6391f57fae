using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>COMMIT3args, RFC 1813 §3.3.21. A count of zero means to the end of the file.</summary>
public readonly ref struct CommitArgs
{
    public required ReadOnlySpan<byte> Handle { get; init; }

    public required ulong Offset { get; init; }

    public required uint Count { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out CommitArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new CommitArgs
        {
            Handle = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
            Offset = reader.ReadUInt64(),
            Count = reader.ReadUInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Handle);
        writer.WriteUInt64(Offset);
        writer.WriteUInt32(Count);
    }
}

/// <summary>COMMIT3res, RFC 1813 §3.3.21.</summary>
public readonly record struct CommitRes(Nfs3Status Status, Nfs3WccData Wcc, ulong Verifier)
{
    public static bool TryParse(ReadOnlySpan<byte> result, out CommitRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var wcc = Nfs3WccData.Read(ref reader);
        parsed = new CommitRes(status, wcc, status == Nfs3Status.Ok ? reader.ReadUInt64() : 0);
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Wcc.Write(writer);
        if (Status == Nfs3Status.Ok) writer.WriteUInt64(Verifier);
    }
}
