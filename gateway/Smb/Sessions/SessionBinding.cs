using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Authentication;
using Gateway.Smb.Connections;

namespace Gateway.Smb.Sessions;

/// <summary>A session gets a further connection (MS-SMB2 3.3.5.5, 3.3.5.5.2).</summary>
internal static class SessionBinding
{
    /// <summary>Whether the session the request names may be bound to its connection.</summary>
    /// <remarks>The order is that of Windows: which of several reasons is told matters to its test suite.</remarks>
    public static NtStatus Check(SmbRequest request, out SmbSession? session)
    {
        session = null;
        if (!request.Server.Sessions.TryGet(request.Header.SessionId, out var found)) return NtStatus.UserSessionDeleted;
        if (!request.IsElementSigned) return NtStatus.InvalidParameter;
        if (!request.IsElementVerified) return NtStatus.AccessDenied;

        // The client has the key of the session already, whatever the answer is.
        request.ResponseSigner = found.Signer;
        var status = CheckConnection(request.Connection.Negotiation, found);
        if (status != NtStatus.Success) return status;
        if (found.State == SmbSessionState.InProgress) return NtStatus.RequestNotAccepted;
        if (found.State == SmbSessionState.Ended) return NtStatus.UserSessionDeleted;
        if (found.IsAnonymous) return NtStatus.NotSupported;
        if (found.ChannelOf(request.Connection) is not null) return NtStatus.RequestNotAccepted;

        session = found;
        return NtStatus.Success;
    }

    private static NtStatus CheckConnection(Negotiation connection, SmbSession session)
    {
        // GMAC needs it on all channels: its nonces are the message ids of one connection.
        var ofSession = session.Negotiation.SigningAlgorithm;
        if (connection.SigningAlgorithm != ofSession && ofSession == Smb2SigningAlgorithm.AesGmac)
            return NtStatus.RequestOutOfSequence;
        if (connection.SigningAlgorithm != ofSession && connection.SigningAlgorithm == Smb2SigningAlgorithm.AesGmac)
            return NtStatus.NotSupported;
        if (!connection.Dialect.IsSmb3) return NtStatus.RequestNotAccepted;

        return connection.Cipher == session.Negotiation.Cipher && connection.Dialect == session.Dialect
            ? NtStatus.Success
            : NtStatus.InvalidParameter;
    }

    /// <summary>The user has proved who it is: it must be the one the session has.</summary>
    public static NtStatus Complete(SmbRequest request, SetupInProgress setup, LogonStep step)
    {
        var session = setup.Session;
        var connection = request.Connection;
        if (!session.IsOfUser(step.User!)) return NtStatus.AccessDenied;

        // Each channel signs with a key of its own; encryption is the session's (3.3.5.5.3).
        var negotiation = connection.Negotiation;
        var keys = Smb2Keys.Derive(
            negotiation.Dialect, step.SessionKey, setup.Transcript is null ? default : setup.Transcript.Value, Smb2CipherId.None);
        var channel = new SmbChannel(connection, new Smb2Signer(negotiation.SigningAlgorithm, keys.Signing));
        if (!session.TryAddChannel(channel, request.Server.Limits.ChannelsOfSessionMax)) return NtStatus.InsufficientResources;

        connection.Join(session);
        request.ResponseSigner = channel.Signer;
        return NtStatus.Success;
    }
}
