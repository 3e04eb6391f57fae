using System.Buffers.Binary;

namespace Gateway.Protocol.Wire;

/// <summary>Reply messages, RFC 5531 §9.</summary>
public static class RpcReply
{
    /// <summary>An accepted reply's header: the results follow it.</summary>
    public const int AcceptedBytes = 24;

    /// <summary>The longest reply without results (PROG_MISMATCH with its range).</summary>
    public const int HeaderBytesMax = 32;

    /// <summary>Writes an accepted reply with the empty verifier; returns <see cref="AcceptedBytes"/>.</summary>
    public static int WriteAccepted(Span<byte> output, uint xid, RpcAcceptStatus status)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output, xid);
        BinaryPrimitives.WriteUInt32BigEndian(output[4..], (uint)RpcMessageType.Reply);
        BinaryPrimitives.WriteUInt32BigEndian(output[8..], (uint)RpcReplyStatus.Accepted);
        output.Slice(12, 8).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(output[20..], (uint)status);
        return AcceptedBytes;
    }

    /// <summary>Writes PROG_MISMATCH with the versions that are supported; returns the length.</summary>
    public static int WriteProgramMismatch(Span<byte> output, uint xid, uint versionMin, uint versionMax)
    {
        WriteAccepted(output, xid, RpcAcceptStatus.ProgramMismatch);
        BinaryPrimitives.WriteUInt32BigEndian(output[24..], versionMin);
        BinaryPrimitives.WriteUInt32BigEndian(output[28..], versionMax);
        return 32;
    }

    /// <summary>Writes MSG_DENIED, RPC_MISMATCH (only version 2 is spoken); returns the length.</summary>
    public static int WriteRpcMismatch(Span<byte> output, uint xid)
    {
        WriteDenied(output, xid, RpcRejectStatus.VersionMismatch);
        BinaryPrimitives.WriteUInt32BigEndian(output[16..], RpcBounds.RpcVersion);
        BinaryPrimitives.WriteUInt32BigEndian(output[20..], RpcBounds.RpcVersion);
        return 24;
    }

    /// <summary>Writes MSG_DENIED, AUTH_ERROR; returns the length.</summary>
    public static int WriteAuthError(Span<byte> output, uint xid, RpcAuthStatus reason)
    {
        WriteDenied(output, xid, RpcRejectStatus.AuthenticationError);
        BinaryPrimitives.WriteUInt32BigEndian(output[16..], (uint)reason);
        return 20;
    }

    private static void WriteDenied(Span<byte> output, uint xid, RpcRejectStatus reason)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output, xid);
        BinaryPrimitives.WriteUInt32BigEndian(output[4..], (uint)RpcMessageType.Reply);
        BinaryPrimitives.WriteUInt32BigEndian(output[8..], (uint)RpcReplyStatus.Denied);
        BinaryPrimitives.WriteUInt32BigEndian(output[12..], (uint)reason);
    }
}
