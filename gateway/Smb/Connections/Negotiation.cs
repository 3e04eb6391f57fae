using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Smb.Connections;

/// <summary>What NEGOTIATE has settled for a connection (MS-SMB2 3.3.1.7).</summary>
internal sealed record Negotiation
{
    /// <summary>Before NEGOTIATE.</summary>
    public static Negotiation None { get; } = new();

    public Smb2Dialect Dialect { get; init; }

    public Guid ClientGuid { get; init; }

    public Smb2SecurityMode ClientSecurityMode { get; init; }

    public Smb2Capabilities ClientCapabilities { get; init; }

    /// <summary>What the client offered, in its order.</summary>
    public IReadOnlyList<Smb2Dialect> ClientDialects { get; init; } = [];

    public Smb2SecurityMode ServerSecurityMode { get; init; }

    /// <summary>What we answered.</summary>
    public Smb2Capabilities ServerCapabilities { get; init; }

    public Smb2CipherId Cipher { get; init; }

    public Smb2SigningAlgorithm SigningAlgorithm { get; init; }

    /// <summary>Largest READ, WRITE, and buffer of other commands.</summary>
    public int TransferBytesMax => IsMultiCredit ? SmbLimits.TransferBytesMax : SmbLimits.CreditBytes;

    public bool IsMultiCredit => Dialect > Smb2Dialect.Smb202;

    public bool CanEncrypt => Cipher != Smb2CipherId.None;

    /// <summary>
    /// Whether what a client says it asked for is what arrived: the check of FSCTL_VALIDATE_NEGOTIATE_INFO against somebody
    /// in between (MS-SMB2 3.3.5.15.12). If not, the connection must be closed without a response.
    /// </summary>
    public bool Matches(
        Smb2Capabilities capabilities, Guid clientGuid, Smb2SecurityMode securityMode, IReadOnlyList<Smb2Dialect> dialects)
    {
        // 3.1.1 has the pre-authentication hash instead; there the request is itself a sign of an attack.
        return Dialect is not (Smb2Dialect.None or Smb2Dialect.Smb311)
            && capabilities == ClientCapabilities
            && clientGuid == ClientGuid
            && securityMode == ClientSecurityMode
            && BestOf(dialects) == BestOf(ClientDialects);
    }

    private static Smb2Dialect BestOf(IReadOnlyList<Smb2Dialect> dialects) =>
        new NegotiateRequest { Dialects = dialects }.BestDialect;
}
