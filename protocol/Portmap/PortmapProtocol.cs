namespace Gateway.Protocol.Portmap;

/// <summary>Numbers of the port mapper and of rpcbind, RFC 1833.</summary>
public static class PortmapProtocol
{
    public const uint Program = 100000;

    /// <summary>The port mapper's version.</summary>
    public const uint PortmapVersion = 2;

    /// <summary>Versions of rpcbind.</summary>
    public const uint RpcbindVersion3 = 3;

    public const uint RpcbindVersion4 = 4;

    /// <summary>On TCP and UDP.</summary>
    public const int Port = 111;
}
