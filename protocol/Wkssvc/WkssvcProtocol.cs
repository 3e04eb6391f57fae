using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Wkssvc;

/// <summary>The Workstation Service, MS-WKST.</summary>
public static class WkssvcProtocol
{
    public static DceSyntax Syntax { get; } = new(new Guid("6bffd098-a112-3610-9833-46c3f87e345a"), 1, 0);
}

/// <summary>Operations, MS-WKST 3.2.4.</summary>
public enum WkssvcOperation : ushort
{
    WkstaGetInfo = 0,
    WkstaUserEnum = 2,
}
