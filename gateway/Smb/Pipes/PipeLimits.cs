namespace Gateway.Smb.Pipes;

/// <summary>Bounds on what clients can make pipes hold.</summary>
internal static class PipeLimits
{
    /// <summary>Open pipes of the server. A client has one or two at a time.</summary>
    public const int PipesMax = 4096;

    /// <summary>Bytes of a PDU we send or ask to be sent: what Windows and Samba say.</summary>
    public const int FragmentBytes = 4280;

    /// <summary>Bytes of a PDU that is accepted: some clients begin with their own idea of it.</summary>
    public const int FragmentBytesMax = 5840;

    /// <summary>Bytes of a PDU that every client must take, MS-RPCE 3.3.1.5.3 (MustRecvFragSize).</summary>
    public const int FragmentBytesMin = 1432;

    /// <summary>Bytes of the parameters of one call, all fragments together.</summary>
    public const int CallBytesMax = 64 << 10;

    /// <summary>Interfaces bound in one association, and context handles open in it.</summary>
    public const int ContextsMax = 32;

    /// <summary>Bytes of answers that may wait to be read before no more calls are taken.</summary>
    public const int UnreadBytesMax = 64 << 10;
}
