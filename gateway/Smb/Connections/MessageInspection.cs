using System.Buffers.Binary;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Connections;

/// <summary>
/// The first look at a message: opens what is sealed, walks the chain of its elements and checks their signatures (MS-SMB2
/// 3.3.5.2.1, 3.3.5.2.4, 3.3.5.2.7). What is found is noted in the request; its turn comes later.
/// </summary>
/// <remarks>Threading: any; messages of one connection are inspected at the same time.</remarks>
internal static class MessageInspection
{
    private const int ElementAlignment = 8;

    public static bool IsSmb1(SmbRequest request) => ProtocolOf(request.Received) == Smb1Negotiate.ProtocolId;

    /// <summary>Whether there is more to do than to read headers.</summary>
    public static bool IsCostly(SmbRequest request)
    {
        var message = request.Received;
        return ProtocolOf(message) == TransformHeader.ProtocolId
            || (Smb2Header.TryParse(message, out var header) && (header.IsSigned || header.NextCommand != 0));
    }

    public static void Inspect(SmbRequest request)
    {
        if (IsSmb1(request)) return;

        if (ProtocolOf(request.Received) == TransformHeader.ProtocolId)
        {
            request.Violation = TryOpen(request);
            if (request.Violation is not null) return;
        }

        request.Violation = Walk(request);
    }

    private static uint ProtocolOf(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt32LittleEndian(message);

    private static string? TryOpen(SmbRequest request)
    {
        var connection = request.Connection;
        if (!TransformHeader.TryParse(request.Received, out var header)) return "a transform header that cannot be";
        if (!connection.Server.Sessions.TryGet(header.SessionId, out var session)
            || session.ChannelOf(connection) is null
            || session.Decryptor is not { } decryptor)
        {
            return "a sealed message of no session";
        }

        if (!decryptor.TryOpen(request.Received))
        {
            connection.Server.ReportRefusal(connection, SmbRefusal.WrongSeal);
            return "a sealed message that was tampered with";
        }

        request.Unwrap(session);
        return request.Received.Length < Smb2Header.Bytes ? "a sealed message without a header" : null;
    }

    private static string? Walk(SmbRequest request)
    {
        var rest = request.Received;
        ulong sessionId = 0;
        for (var element = 0; ; element++)
        {
            if (element == SmbLimits.CompoundElementsMax) return "a compound of too many elements";
            if (!Smb2Header.TryParse(rest, out var header) || header.IsResponse) return "a message without a request's header";

            if (!CanFollow(header.NextCommand, rest.Length)) return "a compound whose elements do not follow each other";

            var length = header.NextCommand == 0 ? rest.Length : (int)header.NextCommand;
            if (!header.IsRelated || element == 0) sessionId = header.SessionId;
            if (request.Opener is { } opener && sessionId != opener.Id) return "a session sealed by another";
            if (header.IsSigned && !request.IsEncrypted)
                request.NoteSignature(element, Verify(request, sessionId, header.Command, rest[..length]));
            if (header.NextCommand == 0) return null;

            rest = rest[length..];
        }
    }

    private static bool CanFollow(uint nextCommand, int rest) =>
        nextCommand == 0
        || (nextCommand % ElementAlignment == 0 && nextCommand >= Smb2Header.Bytes && nextCommand <= rest - Smb2Header.Bytes);

    private static bool Verify(SmbRequest request, ulong sessionId, Smb2Command command, Span<byte> element)
    {
        var connection = request.Connection;
        if (!connection.Server.Sessions.TryGet(sessionId, out var session)) return false;

        // A SESSION_SETUP that binds the session to a further connection is signed with the session's own key.
        var signer = session.ChannelOf(connection)?.Signer;
        if (signer is null && command == Smb2Command.SessionSetup) signer = session.Signer;
        if (signer is null) return false;
        if (signer.Verify(element)) return true;

        connection.Server.ReportRefusal(connection, SmbRefusal.WrongSignature);
        return false;
    }
}
