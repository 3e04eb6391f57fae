using Gateway.Protocol.Smb2;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Connections;

/// <summary>What must be in order before a handler is called (MS-SMB2 3.3.5.2): session, signature, encryption, tree, structure.</summary>
internal static class RequestChecks
{
    /// <summary>The command of the current element; null when it fails with the status.</summary>
    public static SmbCommand? Admit(SmbRequest request, out NtStatus status)
    {
        var command = request.Server.Commands.Find(request.Header);
        status = Check(request, command);
        return status == NtStatus.Success ? command : null;
    }

    /// <summary>CANCEL need not be signed, but if it is, rightly.</summary>
    public static bool MayCancel(SmbRequest request) => !request.IsElementSigned || request.IsElementVerified;

    private static NtStatus Check(SmbRequest request, SmbCommand? command)
    {
        if (request.IsRelated && request.ElementIndex == 0) request.ChainFailure = NtStatus.InvalidParameter;
        if (request.IsRelated && request.ChainFailure != NtStatus.Success) return request.ChainFailure;

        var connection = request.Connection;
        if (connection.Dialect == Smb2Dialect.None && request.Header.Command != Smb2Command.Negotiate)
        {
            request.IsDropped = true;
            connection.Violate("a request before NEGOTIATE");
            return NtStatus.InvalidParameter;
        }

        // The session first: also what is no command is answered signed.
        var session = FindSession(request);
        if (command is null) return NtStatus.InvalidParameter;

        var status = CheckSignature(request, session, command);
        if (status == NtStatus.Success && command.Needs != SmbNeeds.Nothing) status = TakeSession(request, session);
        if (status == NtStatus.Success && command.Needs == SmbNeeds.Tree) status = TakeTree(request);

        // What is related to a request without session or tree is related to nothing.
        if (status != NtStatus.Success) request.ChainFailure = NtStatus.InvalidParameter;
        if (status == NtStatus.Success && !HasBody(request, command)) status = NtStatus.InvalidParameter;
        return status;
    }

    private static SmbSession? FindSession(SmbRequest request)
    {
        request.ChannelSigner = null;
        if (request.Header.SessionId == 0) return null;
        if (!request.Server.Sessions.TryGet(request.Header.SessionId, out var session)) return null;

        request.ChannelSigner = session.ChannelOf(request.Connection)?.Signer;
        return request.ChannelSigner is null ? null : session;
    }

    private static NtStatus CheckSignature(SmbRequest request, SmbSession? session, SmbCommand command)
    {
        if (request.IsEncrypted) return NtStatus.Success;

        if (request.IsElementSigned)
        {
            if (request.IsElementVerified) return NtStatus.Success;

            // Without a key there is nothing to verify: a SESSION_SETUP sees for itself, the others miss their session.
            if (session is null) return command.Needs == SmbNeeds.Nothing ? NtStatus.Success : NtStatus.UserSessionDeleted;

            return NtStatus.AccessDenied;
        }

        return session is { SigningRequired: true } ? Refuse(request, SmbRefusal.Unsigned) : NtStatus.Success;
    }

    private static NtStatus Refuse(SmbRequest request, SmbRefusal cause)
    {
        request.Server.ReportRefusal(request.Connection, cause);
        return NtStatus.AccessDenied;
    }

    private static NtStatus TakeSession(SmbRequest request, SmbSession? session)
    {
        if (session is null || session.State != SmbSessionState.Valid) return NtStatus.UserSessionDeleted;
        if (session.EncryptData && !request.IsEncrypted) return Refuse(request, SmbRefusal.Unencrypted);

        request.Session = session;
        return NtStatus.Success;
    }

    private static NtStatus TakeTree(SmbRequest request)
    {
        if (!request.Session.Trees.TryGet(request.Header.TreeId, out var tree) || tree.IsDisconnected)
            return NtStatus.NetworkNameDeleted;
        if (tree.EncryptData && !request.IsEncrypted) return Refuse(request, SmbRefusal.Unencrypted);

        request.Tree = tree;
        return NtStatus.Success;
    }

    // An odd StructureSize counts one byte of a buffer that may be empty.
    private static bool HasBody(SmbRequest request, SmbCommand command)
    {
        if (command.StructureSize == 0) return true;

        var fixedBytes = command.StructureSize & ~1;
        return request.Body.Length >= fixedBytes && request.BodyStructureSize == command.StructureSize;
    }
}
