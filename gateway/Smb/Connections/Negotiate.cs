using System.Security.Cryptography;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Smb.Connections;

/// <summary>NEGOTIATE (MS-SMB2 3.3.5.3, 3.3.5.4).</summary>
internal static class Negotiate
{
    private const int SaltBytes = 32;

    /// <summary>Best first. The 128-bit ciphers are as good and faster; GCM is faster than CCM.</summary>
    private static readonly Smb2CipherId[] Ciphers =
        [Smb2CipherId.Aes128Gcm, Smb2CipherId.Aes256Gcm, Smb2CipherId.Aes128Ccm, Smb2CipherId.Aes256Ccm];

    private static readonly Smb2SigningAlgorithm[] SigningAlgorithms =
        [Smb2SigningAlgorithm.AesGmac, Smb2SigningAlgorithm.AesCmac, Smb2SigningAlgorithm.HmacSha256];

    public static ValueTask<NtStatus> RunAsync(SmbRequest request) => new(Run(request));

    /// <summary>The answer to SMB 1's NEGOTIATE: 2.0.2 is settled, of any other an SMB2 NEGOTIATE has to follow.</summary>
    public static NtStatus AnswerSmb1(SmbRequest request, Smb1Negotiate offer)
    {
        var connection = request.Connection;
        var dialect = offer.OffersWildcard ? Smb2Dialect.Wildcard : Smb2Dialect.Smb202;
        var settled = new Negotiation { Dialect = dialect, ServerSecurityMode = SecurityMode(connection.Server) };
        if (dialect == Smb2Dialect.Smb202)
        {
            settled = settled with { ClientDialects = [dialect] };
            connection.Agree(settled, null);
        }

        Respond(request, settled, null);
        return NtStatus.Success;
    }

    private static NtStatus Run(SmbRequest request)
    {
        var connection = request.Connection;
        if (connection.Dialect != Smb2Dialect.None)
        {
            request.IsDropped = true;
            connection.Violate("a second NEGOTIATE");
            return NtStatus.InvalidParameter;
        }

        if (request.IsCompound || !NegotiateRequest.TryParse(request.Message.Span, out var asked))
            return NtStatus.InvalidParameter;

        var dialect = asked.BestDialect;
        if (dialect == Smb2Dialect.None) return NtStatus.NotSupported;

        var settled = new Negotiation
        {
            Dialect = dialect,
            ClientGuid = asked.ClientGuid,
            ClientSecurityMode = asked.SecurityMode,
            ClientCapabilities = asked.Capabilities,
            ClientDialects = asked.Dialects,
            ServerSecurityMode = SecurityMode(connection.Server),
            ServerCapabilities = Capabilities(connection.Server, dialect, asked.Capabilities),
            SigningAlgorithm = dialect.IsSmb3 ? Smb2SigningAlgorithm.AesCmac : Smb2SigningAlgorithm.HmacSha256,
            Cipher = dialect.IsSmb3 && dialect != Smb2Dialect.Smb311 && (asked.Capabilities & Smb2Capabilities.Encryption) != 0
                ? Smb2CipherId.Aes128Ccm
                : Smb2CipherId.None,
        };
        NegotiateContexts? answer = null;
        if (dialect == Smb2Dialect.Smb311)
        {
            var status = Choose(asked.Contexts!, ref settled, out answer);
            if (status != NtStatus.Success) return status;

            var transcript = new PreauthHash();
            transcript.Append(request.Message.Span);
            request.Transcript = transcript;
        }

        connection.Agree(settled, request.Transcript);
        Respond(request, settled, answer);
        return NtStatus.Success;
    }

    private static NtStatus Choose(NegotiateContexts offered, ref Negotiation settled, out NegotiateContexts answer)
    {
        answer = new NegotiateContexts { HashAlgorithms = [NegotiateContexts.Sha512], Salt = RandomNumberGenerator.GetBytes(SaltBytes) };
        if (offered.HashAlgorithms is null) return NtStatus.InvalidParameter;
        if (!offered.HashAlgorithms.Contains(NegotiateContexts.Sha512)) return NtStatus.SmbNoPreauthIntegrityHashOverlap;

        if (offered.Ciphers is not null)
        {
            // Without a common one the answer names none, which ends the matter for the client too.
            var cipher = Ciphers.FirstOrDefault(offered.Ciphers.Contains);
            settled = settled with { Cipher = cipher };
            answer = answer with { Ciphers = [cipher] };
        }

        if (offered.SigningAlgorithms is not null && SigningAlgorithms.Any(offered.SigningAlgorithms.Contains))
        {
            var algorithm = SigningAlgorithms.First(offered.SigningAlgorithms.Contains);
            settled = settled with { SigningAlgorithm = algorithm };
            answer = answer with { SigningAlgorithms = [algorithm] };
        }

        return NtStatus.Success;
    }

    private static void Respond(SmbRequest request, Negotiation settled, NegotiateContexts? contexts)
    {
        var server = request.Server;

        // Of the wildcard the sizes are those of 2.0.2's successors: the SMB2 NEGOTIATE says them again.
        var transferBytes = (uint)settled.TransferBytesMax;
        new NegotiateResponse
        {
            SecurityMode = settled.ServerSecurityMode,
            Dialect = settled.Dialect,
            ServerGuid = server.Options.ServerGuid,
            Capabilities = settled.ServerCapabilities,
            MaxTransactBytes = transferBytes,
            MaxReadBytes = transferBytes,
            MaxWriteBytes = transferBytes,
            SystemTime = server.Time.GetUtcNow().ToFileTime(),
            SecurityBuffer = server.Authenticator.Hints,
            Contexts = contexts,
        }.Write(request.Response);
    }

    private static Smb2SecurityMode SecurityMode(SmbServer server) =>
        Smb2SecurityMode.SigningEnabled | (server.Options.SigningRequired ? Smb2SecurityMode.SigningRequired : Smb2SecurityMode.None);

    private static Smb2Capabilities Capabilities(SmbServer server, Smb2Dialect dialect, Smb2Capabilities asked)
    {
        var ours = Smb2Capabilities.None;
        if (dialect >= Smb2Dialect.Smb210) ours |= Smb2Capabilities.Leasing | Smb2Capabilities.LargeMtu;
        if (!dialect.IsSmb3) return ours;

        ours |= asked & (Smb2Capabilities.MultiChannel | Smb2Capabilities.DirectoryLeasing);

        if (server.OffersPersistent) ours |= asked & Smb2Capabilities.PersistentHandles;

        // 3.1.1 has a context instead.
        return dialect == Smb2Dialect.Smb311 ? ours : ours | (asked & Smb2Capabilities.Encryption);
    }
}
