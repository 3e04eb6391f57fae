namespace Gateway.Protocol.Smb2;

/// <summary>Dialect revisions (MS-SMB2 2.2.3, 2.2.4).</summary>
public enum Smb2Dialect : ushort
{
    None = 0,
    Smb202 = 0x0202,
    Smb210 = 0x0210,

    /// <summary>"SMB 2.???": only in the answer to a multi-protocol NEGOTIATE; an SMB2 NEGOTIATE follows.</summary>
    Wildcard = 0x02FF,
    Smb300 = 0x0300,
    Smb302 = 0x0302,
    Smb311 = 0x0311,
}

/// <summary>What the dialects have in common.</summary>
public static class Smb2DialectFamily
{
    extension(Smb2Dialect dialect)
    {
        /// <summary>One that a session can be set up with.</summary>
        public bool IsSpoken => dialect is Smb2Dialect.Smb202 or Smb2Dialect.Smb210
            or Smb2Dialect.Smb300 or Smb2Dialect.Smb302 or Smb2Dialect.Smb311;

        /// <summary>The SMB 3 family: encryption, channels, derived keys.</summary>
        public bool IsSmb3 => dialect is Smb2Dialect.Smb300 or Smb2Dialect.Smb302 or Smb2Dialect.Smb311;
    }
}
