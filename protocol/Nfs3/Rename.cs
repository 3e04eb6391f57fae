using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>RENAME3args, RFC 1813 §3.3.14.</summary>
public readonly ref struct RenameArgs
{
    public required DirOpArgs From { get; init; }

    public required DirOpArgs To { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out RenameArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new RenameArgs { From = DirOpArgs.Read(ref reader), To = DirOpArgs.Read(ref reader) };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        From.Write(writer);
        To.Write(writer);
    }
}

/// <summary>RENAME3res, RFC 1813 §3.3.14.</summary>
public readonly record struct RenameRes(Nfs3Status Status, Nfs3WccData FromWcc, Nfs3WccData ToWcc)
{
    public static bool TryParse(ReadOnlySpan<byte> result, out RenameRes parsed)
    {
        var reader = new XdrReader(result);
        parsed = new RenameRes(
            (Nfs3Status)reader.ReadUInt32(), Nfs3WccData.Read(ref reader), Nfs3WccData.Read(ref reader));
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        FromWcc.Write(writer);
        ToWcc.Write(writer);
    }
}
