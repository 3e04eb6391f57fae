using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Sessions;
using Gateway.Sockets;

namespace Gateway.Smb.Connections;

/// <summary>
/// Turns outcomes into frames: headers, error bodies, credits, signatures and encryption, in the memory the bodies were
/// written to (MS-SMB2 3.3.4.1).
/// </summary>
internal static class ResponseAssembly
{
    /// <summary>
    /// A signed request whose session is not there is answered as signed too, by nobody's key: clients look at the status
    /// only if the flag is there.
    /// </summary>
    private const Smb2HeaderFlags Repeated =
        Smb2HeaderFlags.Related | Smb2HeaderFlags.PriorityMask | Smb2HeaderFlags.HasSignature;

    private const int InterimBytes = ResponseWriter.MessageStart + Smb2Header.Bytes + 16;

    /// <summary>Whether completing the response takes more than headers.</summary>
    public static bool IsCostly(SmbRequest request) =>
        request.IsEncrypted || request.Response.Done.Exists(static element => element.Signer is not null);

    /// <summary>Ends the current element with its outcome.</summary>
    public static void Answer(SmbRequest request, NtStatus status)
    {
        var response = request.Response;
        if (!HasOwnBody(request, status))
        {
            response.Reset();
            ErrorResponse.Write(response, request.ErrorData, request.Connection.Dialect == Smb2Dialect.Smb311);
        }

        var header = HeaderOf(request, status);
        response.Done.Add(new ResponseElement(
            response.HeaderOffset,
            response.Element.Length,
            header,
            request.Connection.ChargeOf(request.Header),
            request.Header.Credits,
            SignerOf(request)));
    }

    /// <summary>Completes the frame of a request that is done.</summary>
    public static ArraySegment<byte> Complete(SmbRequest request, MessageWindow window)
    {
        var response = request.Response;
        return Complete(request, window, response.Buffer, response.End);
    }

    /// <summary>
    /// Completes a frame of the elements that are done while the current one is not, in memory of its own; they are
    /// forgotten then.
    /// </summary>
    public static OutgoingFrame Detach(SmbRequest request, MessageWindow window)
    {
        var last = request.Response.Done[^1];
        var end = last.Offset + last.Bytes;
        var buffer = TransferBuffers.Shared.Rent(end);
        request.Response.Buffer.AsSpan(0, end).CopyTo(buffer);
        var bytes = Complete(request, window, buffer, end);
        request.Response.DropDone();
        return new OutgoingFrame(bytes, null, buffer);
    }

    /// <summary>
    /// STATUS_PENDING for the current element. It is never signed: its message id, and so the nonce of a GMAC, is that of
    /// the final response (MS-SMB2 3.3.4.2).
    /// </summary>
    public static OutgoingFrame Interim(SmbRequest request, MessageWindow window)
    {
        var buffer = TransferBuffers.Shared.Rent(InterimBytes);
        var header = HeaderOf(request, NtStatus.Pending);
        header.Flags &= ~Smb2HeaderFlags.HasSignature;
        header.Credits = window.Grant(
            request.Connection.ChargeOf(request.Header), request.Header.Credits, MessageWindow.MayGrow(header.Command, NtStatus.Pending));
        var message = buffer.AsSpan(ResponseWriter.MessageStart);
        header.Write(message);
        var end = ResponseWriter.MessageStart + Smb2Header.Bytes + WriteEmptyError(message[Smb2Header.Bytes..]);
        return new OutgoingFrame(Frame(buffer, end, request.IsEncrypted ? request.Opener : null), null, buffer);
    }

    /// <summary>A message that answers no request (MS-SMB2 3.3.4.6, 3.3.4.7): not signed, but sealed where the session is.</summary>
    public static OutgoingFrame Notification(SmbSession session, Smb2Command command, ReadOnlySpan<byte> body)
    {
        var end = ResponseWriter.MessageStart + Smb2Header.Bytes + body.Length;
        var buffer = TransferBuffers.Shared.Rent(end);
        var header = new Smb2Header
        {
            Command = command,
            Flags = Smb2HeaderFlags.Response,
            MessageId = ulong.MaxValue,
        };
        header.Write(buffer.AsSpan(ResponseWriter.MessageStart));
        body.CopyTo(buffer.AsSpan(ResponseWriter.MessageStart + Smb2Header.Bytes));
        return new OutgoingFrame(Frame(buffer, end, session.EncryptData ? session : null), null, buffer);
    }

    private static ArraySegment<byte> Complete(SmbRequest request, MessageWindow window, byte[] buffer, int end)
    {
        var elements = CollectionsMarshal.AsSpan(request.Response.Done);
        var credits = 0;
        for (var i = 0; i < elements.Length; i++)
        {
            var element = elements[i];
            var header = element.Header;
            var isLast = i == elements.Length - 1;

            // What was answered with STATUS_PENDING has got its credits then. A compound gives all with its last element.
            if (!header.IsAsync)
                credits += window.Grant(element.Charge, element.Requested, MessageWindow.MayGrow(header.Command, header.Status));
            header.Credits = isLast ? (ushort)credits : (ushort)0;
            var length = isLast ? end - element.Offset : elements[i + 1].Offset - element.Offset;
            header.NextCommand = isLast ? 0 : (uint)length;
            var message = buffer.AsSpan(element.Offset, length);
            header.Write(message);
            element.Signer?.Sign(message);
        }

        request.Transcript?.Append(buffer.AsSpan(ResponseWriter.MessageStart, end - ResponseWriter.MessageStart));
        return Frame(buffer, end, request.IsEncrypted ? request.Opener : null);
    }

    private static ArraySegment<byte> Frame(byte[] buffer, int end, SmbSession? sealer)
    {
        var start = ResponseWriter.MessageStart;
        if (sealer?.Encryptor is { } encryptor)
        {
            start -= Smb2Cipher.HeaderBytes;
            encryptor.Seal(buffer.AsSpan(start, end - start), sealer.Id);
        }

        BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(start - ResponseWriter.FrameLengthBytes), (uint)(end - start));
        start -= ResponseWriter.FrameLengthBytes;
        return new ArraySegment<byte>(buffer, start, end - start);
    }

    private static Smb2Header HeaderOf(SmbRequest request, NtStatus status)
    {
        ref readonly var asked = ref request.Header;
        var header = new Smb2Header
        {
            CreditCharge = asked.CreditCharge,
            Status = status,
            Command = asked.Command,
            Flags = Smb2HeaderFlags.Response | (asked.Flags & Repeated),
            MessageId = asked.MessageId,
            ProcessId = asked.ProcessId,
            TreeId = asked.TreeId,
            SessionId = asked.SessionId,
        };
        if (!request.IsPending) return header;

        header.Flags |= Smb2HeaderFlags.Async;
        header.AsyncId = request.AsyncId;
        return header;
    }

    private static Smb2Signer? SignerOf(SmbRequest request)
    {
        if (request.IsEncrypted) return null;
        return request.ResponseSigner ?? (request.IsElementSigned ? request.ChannelSigner : null);
    }

    // MS-SMB2 3.3.4.4: an error has an error body, with these exceptions.
    private static bool HasOwnBody(SmbRequest request, NtStatus status)
    {
        if (request.Response.Length == 0 || request.ErrorData is not null) return false;
        if (status.IsSuccess || request.KeepsBody) return true;

        return (status, request.Header.Command) switch
        {
            (NtStatus.MoreProcessingRequired, Smb2Command.SessionSetup) => true,
            (NtStatus.BufferOverflow, Smb2Command.QueryInfo or Smb2Command.Ioctl or Smb2Command.Read) => true,
            _ => false,
        };
    }

    private static int WriteEmptyError(Span<byte> body)
    {
        const int bytes = ErrorResponse.StructureSize;
        body[..bytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, ErrorResponse.StructureSize);
        return bytes;
    }
}
