using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>NetrShareCheck, MS-SRVS 3.1.4.13: is this directory of the server shared?</summary>
public readonly record struct ShareCheckRequest(string Device)
{
    public static bool TryParse(ReadOnlySpan<byte> stub, out ShareCheckRequest request)
    {
        var reader = new NdrReader(stub);
        reader.ReadUniqueString(SrvsvcProtocol.NameLengthMax);
        request = new ShareCheckRequest(reader.ReadString(SrvsvcProtocol.NameLengthMax));
        return reader.Intact;
    }
}
