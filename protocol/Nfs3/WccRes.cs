using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>
/// SETATTR3res, REMOVE3res and RMDIR3res (RFC 1813 §3.3.2, .12, .13): a status and the wcc_data of the object
/// or its directory, on success and on failure.
/// </summary>
public readonly record struct WccRes(Nfs3Status Status, Nfs3WccData Wcc)
{
    public static bool TryParse(ReadOnlySpan<byte> result, out WccRes parsed)
    {
        var reader = new XdrReader(result);
        parsed = new WccRes((Nfs3Status)reader.ReadUInt32(), Nfs3WccData.Read(ref reader));
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Wcc.Write(writer);
    }
}
