using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>Parameters of NetrServerGetInfo, NetrShareGetInfo and NetrWkstaGetInfo: a server, perhaps a name, a level.</summary>
public readonly record struct GetInfoRequest(string Name, uint Level)
{
    public static bool TryParse(ReadOnlySpan<byte> stub, bool named, out GetInfoRequest request)
    {
        var reader = new NdrReader(stub);
        reader.ReadUniqueString(SrvsvcProtocol.NameLengthMax);
        var name = named ? reader.ReadString(SrvsvcProtocol.NameLengthMax) : "";
        request = new GetInfoRequest(name, reader.ReadUInt32());
        return reader.Intact;
    }
}
