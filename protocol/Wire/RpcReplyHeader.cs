namespace Gateway.Protocol.Wire;

/// <summary>A parsed reply, RFC 5531 §9, as a client sees it.</summary>
public readonly record struct RpcReplyHeader
{
    public uint Xid { get; init; }

    public RpcReplyStatus Status { get; init; }

    /// <summary>Meaningful when accepted.</summary>
    public RpcAcceptStatus AcceptStatus { get; init; }

    /// <summary>Meaningful when denied.</summary>
    public RpcRejectStatus RejectStatus { get; init; }

    /// <summary>Meaningful when denied for authentication.</summary>
    public RpcAuthStatus AuthStatus { get; init; }

    /// <summary>Supported versions, of the program or of RPC, when the answer was a mismatch.</summary>
    public uint VersionMin { get; init; }

    public uint VersionMax { get; init; }

    /// <summary>Where the results begin in the record.</summary>
    public int HeaderBytes { get; init; }

    public bool Succeeded => Status == RpcReplyStatus.Accepted && AcceptStatus == RpcAcceptStatus.Success;

    public static bool TryParse(ReadOnlySpan<byte> record, out RpcReplyHeader reply)
    {
        var reader = new XdrReader(record);
        reply = new RpcReplyHeader { Xid = reader.ReadUInt32() };
        if (reader.ReadUInt32() != (uint)RpcMessageType.Reply) return false;

        reply = reply with { Status = (RpcReplyStatus)reader.ReadUInt32() };
        switch (reply.Status)
        {
            case RpcReplyStatus.Accepted:
                reader.ReadUInt32();
                var verifierBytes = reader.ReadOpaque(RpcBounds.AuthBytesMax).Length;
                reply = reply with
                {
                    AcceptStatus = (RpcAcceptStatus)reader.ReadUInt32(),
                    HeaderBytes = RpcReply.AcceptedBytes + ((verifierBytes + 3) & ~3),
                };
                if (reply.AcceptStatus == RpcAcceptStatus.ProgramMismatch)
                    reply = reply with { VersionMin = reader.ReadUInt32(), VersionMax = reader.ReadUInt32() };
                return reader.Intact && reply.AcceptStatus <= RpcAcceptStatus.SystemError;

            case RpcReplyStatus.Denied:
                reply = reply with { RejectStatus = (RpcRejectStatus)reader.ReadUInt32() };
                if (reply.RejectStatus == RpcRejectStatus.AuthenticationError)
                    reply = reply with { AuthStatus = (RpcAuthStatus)reader.ReadUInt32() };
                else
                    reply = reply with { VersionMin = reader.ReadUInt32(), VersionMax = reader.ReadUInt32() };
                return reader.Intact && reply.RejectStatus <= RpcRejectStatus.AuthenticationError;

            default:
                return false;
        }
    }
}
