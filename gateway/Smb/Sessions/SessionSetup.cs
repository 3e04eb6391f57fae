using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Authentication;
using Gateway.Users;

namespace Gateway.Smb.Sessions;

/// <summary>SESSION_SETUP: a user proves who it is, once for a session and again for each further connection (MS-SMB2 3.3.5.5).</summary>
internal static class SessionSetup
{
    public static async ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        var status = Find(request, out var asked, out var setup);
        if (status != NtStatus.Success) return status;

        var connection = request.Connection;
        request.SetSessionId(setup.Session.Id);
        if (request.IsElementSigned) request.ResponseSigner = setup.SignerOn(connection);
        if (!setup.TryEnter()) return NtStatus.RequestNotAccepted;

        try
        {
            setup.Transcript?.Append(request.Message.Span);
            var step = await setup.Exchange.AcceptAsync(asked.Token, request.Aborted);
            status = step.Status;
            if (status == NtStatus.MoreProcessingRequired)
            {
                if (setup.Kind != SetupKind.Reauthenticate) request.Transcript = setup.Transcript;
                SessionSetupResponse.Write(request.Response, SessionFlags.None, step.Token);
                return status;
            }

            connection.Setups.TryRemove(setup.Session.Id, out _);
            if (status == NtStatus.Success) status = await CompleteAsync(request, asked, setup, step);
            if (status != NtStatus.Success) await FailAsync(setup);
            return status;
        }
        finally
        {
            setup.Exit();
        }
    }

    // The sequence the request belongs to, or a new one.
    private static NtStatus Find(SmbRequest request, out Asked asked, out SetupInProgress setup)
    {
        setup = null!;
        asked = default;
        var connection = request.Connection;
        if (request.IsCompound || !SessionSetupRequest.TryParse(request.Message.Span, out var parsed))
            return NtStatus.InvalidParameter;

        asked = Asked.Of(request, parsed);
        if (request.Server.Options.Encryption == EncryptionPolicy.Required && !connection.Negotiation.CanEncrypt)
            return NtStatus.AccessDenied;

        if (connection.Setups.TryGetValue(request.Header.SessionId, out var known))
        {
            setup = known;
            var binds = (asked.Flags & SessionSetupFlags.Binding) != 0;
            if (binds != (known.Kind == SetupKind.Bind)) return NtStatus.RequestNotAccepted;

            // Each request of a binding shows that the client has the session's key, not the first alone.
            return !binds || request.IsElementVerified ? NtStatus.Success : NtStatus.AccessDenied;
        }

        if (connection.Setups.Count + connection.SessionCount >= request.Server.Limits.SessionsOfConnectionMax)
            return NtStatus.InsufficientResources;

        var status = Begin(request, asked, out setup);
        if (status == NtStatus.Success) connection.Setups[setup.Session.Id] = setup;
        return status;
    }

    private static NtStatus Begin(SmbRequest request, in Asked asked, out SetupInProgress setup)
    {
        setup = null!;
        var connection = request.Connection;
        if ((asked.Flags & SessionSetupFlags.Binding) != 0)
        {
            var status = SessionBinding.Check(request, out var bound);
            if (status == NtStatus.Success) setup = SetupInProgress.Begin(bound!, SetupKind.Bind, connection);
            return status;
        }

        if (request.Header.SessionId == 0)
        {
            var made = request.Server.Sessions.Add(id => new SmbSession(id, connection));
            setup = SetupInProgress.Begin(made, SetupKind.New, connection);
            return NtStatus.Success;
        }

        if (!request.Server.Sessions.TryGet(request.Header.SessionId, out var session)
            || session.State != SmbSessionState.Valid
            || session.ChannelOf(connection) is null)
        {
            return NtStatus.UserSessionDeleted;
        }

        setup = SetupInProgress.Begin(session, SetupKind.Reauthenticate, connection);
        return NtStatus.Success;
    }

    private static async ValueTask<NtStatus> CompleteAsync(SmbRequest request, Asked asked, SetupInProgress setup, LogonStep step)
    {
        var session = setup.Session;
        var user = step.User!;
        var status = setup.Kind switch
        {
            SetupKind.New => await EstablishAsync(request, asked, setup, step),
            SetupKind.Bind => SessionBinding.Complete(request, setup, step),
            _ => Reauthenticate(request, session, user),
        };
        if (status != NtStatus.Success) return status;

        // Asked once the session can be found: whoever revokes the user from here on ends it.
        if (!request.Server.IsCurrent(user))
        {
            await request.Server.EndSessionAsync(session, keepsDurable: false);
            return NtStatus.LogonFailure;
        }

        var flags = SessionFlags.None;
        if (setup.Kind == SetupKind.New && session.IsAnonymous) flags |= SessionFlags.IsAnonymous;
        if (session.EncryptData) flags |= SessionFlags.EncryptData;
        SessionSetupResponse.Write(request.Response, flags, step.Token);
        return NtStatus.Success;
    }

    // MS-SMB2 3.3.5.5.3 for a session that is new.
    private static async ValueTask<NtStatus> EstablishAsync(SmbRequest request, Asked asked, SetupInProgress setup, LogonStep step)
    {
        var connection = request.Connection;
        var server = request.Server;
        var session = setup.Session;
        var user = step.User!;
        if (user.IsAnonymous && !server.Options.AllowsAnonymousList) return NtStatus.AccessDenied;

        var negotiation = connection.Negotiation;
        var keys = Smb2Keys.Derive(
            negotiation.Dialect, step.SessionKey, setup.Transcript is null ? default : setup.Transcript.Value, negotiation.Cipher);
        session.Establish(user, server.TokenOf(user), keys);
        if (!user.IsAnonymous)
        {
            session.SigningRequired = server.Options.SigningRequired
                || ((asked.SecurityMode | negotiation.ClientSecurityMode) & Smb2SecurityMode.SigningRequired) != 0;
            session.EncryptData = negotiation.CanEncrypt && server.Options.Encryption != EncryptionPolicy.Off;
        }

        if (!session.TryAddChannel(new SmbChannel(connection, session.Signer!), server.Limits.ChannelsOfSessionMax))
            return NtStatus.UserSessionDeleted;

        await server.EndPreviousAsync(asked.PreviousSessionId, session);
        if (!session.TryOpen()) return NtStatus.UserSessionDeleted;

        connection.Join(session);

        // The client must see that the server has the key, whether the session is signed or not.
        if (!user.IsAnonymous) request.ResponseSigner = session.Signer;
        return NtStatus.Success;
    }

    // The keys stay (MS-SMB2 3.3.5.5.3); the rights are those of the user as it is now, also when it has no name any more:
    // it keeps what it has open and gets at no other share.
    private static NtStatus Reauthenticate(SmbRequest request, SmbSession session, AuthenticatedUser user)
    {
        if (!session.TryReplaceUser(user, request.Server.TokenOf(user))) return NtStatus.UserSessionDeleted;

        request.ResponseSigner ??= session.ChannelOf(request.Connection)?.Signer;
        return NtStatus.Success;
    }

    private static async ValueTask FailAsync(SetupInProgress setup)
    {
        // A user who does not prove it again is out; a connection that was not let join changes nothing.
        if (setup.Kind == SetupKind.Reauthenticate)
            await setup.Session.Server.EndSessionAsync(setup.Session, keepsDurable: false);
        else
            setup.Abandon();
    }

    /// <summary>The request, in a form that outlives a wait.</summary>
    private readonly record struct Asked(
        SessionSetupFlags Flags, Smb2SecurityMode SecurityMode, ulong PreviousSessionId, ReadOnlyMemory<byte> Token)
    {
        public static Asked Of(SmbRequest request, in SessionSetupRequest parsed)
        {
            var token = ReadOnlyMemory<byte>.Empty;
            if (!parsed.SecurityBuffer.IsEmpty && request.Message.Span.Overlaps(parsed.SecurityBuffer, out var offset))
                token = request.Message.Slice(offset, parsed.SecurityBuffer.Length);
            return new Asked(parsed.Flags, parsed.SecurityMode, parsed.PreviousSessionId, token);
        }
    }
}
