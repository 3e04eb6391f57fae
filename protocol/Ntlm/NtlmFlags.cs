namespace Gateway.Protocol.Ntlm;

/// <summary>What the peers negotiate (MS-NLMP 2.2.2.5).</summary>
[Flags]
public enum NtlmFlags : uint
{
    None = 0,
    Unicode = 0x1,
    Oem = 0x2,
    RequestTarget = 0x4,
    Sign = 0x10,
    Seal = 0x20,
    Ntlm = 0x200,
    Anonymous = 0x800,
    AlwaysSign = 0x8000,
    TargetTypeDomain = 0x1_0000,
    TargetTypeServer = 0x2_0000,
    ExtendedSessionSecurity = 0x8_0000,
    TargetInfo = 0x80_0000,
    Version = 0x200_0000,
    Negotiate128 = 0x2000_0000,
    KeyExchange = 0x4000_0000,
    Negotiate56 = 0x8000_0000,
}
