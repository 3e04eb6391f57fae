namespace Gateway.Smb;

/// <summary>How the SMB server behaves towards all clients.</summary>
internal sealed record SmbServerOptions
{
    /// <summary>Identifies the server to clients, the same after every restart (MS-SMB2 3.3.1.5 ServerGuid).</summary>
    public required Guid ServerGuid { get; init; }

    /// <summary>The name clients are told: NetBIOS style, upper case, at most 15 letters.</summary>
    public required string ServerName { get; init; }

    /// <summary>Requests must be signed or encrypted; otherwise only where the client wants it.</summary>
    public bool SigningRequired { get; init; } = true;

    public EncryptionPolicy Encryption { get; init; } = EncryptionPolicy.Off;

    /// <summary>Who has no name may list the shares, and nothing else.</summary>
    public bool AllowsAnonymousList { get; init; }

    /// <summary>A share may be continuous, whether its volume is here or not.</summary>
    public bool OffersPersistent { get; init; }

    /// <summary>Clients may use FSCTL_SMBTORTURE: only for test suites.</summary>
    public bool OffersTestControls { get; init; }

    public SmbLimits Limits { get; init; } = new();
}

/// <summary>When messages are encrypted, besides on shares that demand it.</summary>
internal enum EncryptionPolicy
{
    /// <summary>When the client begins it.</summary>
    Off,

    /// <summary>With every client that can.</summary>
    Desired,

    /// <summary>Always; clients that cannot are refused.</summary>
    Required,
}
