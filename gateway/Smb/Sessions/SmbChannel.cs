using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Connections;

namespace Gateway.Smb.Sessions;

/// <summary>A connection that a session uses, with the key its messages are signed with (MS-SMB2 3.3.1.14).</summary>
internal sealed record SmbChannel(SmbConnection Connection, Smb2Signer Signer);
