using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>
/// The Local Security Authority: policy (MS-LSAD) and translation of names (MS-LSAT), as far as clients of a file server ask.
/// </summary>
public static class LsarpcProtocol
{
    /// <summary>SIDs or names in one call. Windows asks for as many as one list of permissions shows.</summary>
    public const int LookupsMax = 1000;

    /// <summary>Characters of a name to look up: domain, backslash and account.</summary>
    public const int NameLengthMax = 1024;

    public static DceSyntax Syntax { get; } = new(new Guid("12345778-1234-abcd-ef00-0123456789ab"), 0, 0);
}

/// <summary>Operations, MS-LSAD 3.1.4 and MS-LSAT 3.1.4.</summary>
public enum LsarpcOperation : ushort
{
    Close = 0,
    OpenPolicy = 6,
    QueryInformationPolicy = 7,
    LookupNames = 14,
    LookupSids = 15,
    OpenPolicy2 = 44,
    GetUserName = 45,
    QueryInformationPolicy2 = 46,
    LookupSids2 = 57,
    LookupNames2 = 58,
    LookupNames3 = 68,
}

/// <summary>SID_NAME_USE, MS-LSAT 2.2.13.</summary>
public enum SidNameUse : ushort
{
    User = 1,
    Group = 2,
    Domain = 3,
    Alias = 4,
    WellKnownGroup = 5,
    DeletedAccount = 6,
    Invalid = 7,
    Unknown = 8,
}

/// <summary>POLICY_INFORMATION_CLASS, MS-LSAD 2.2.4.1.</summary>
public enum PolicyInformationClass : ushort
{
    PrimaryDomain = 3,
    AccountDomain = 5,
    ServerRole = 6,
    DnsDomain = 12,
}
