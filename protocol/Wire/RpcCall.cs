using System.Buffers.Binary;

namespace Gateway.Protocol.Wire;

/// <summary>The header of a call message, RFC 5531 §9. A view of the record, alive as long as its buffer.</summary>
/// <remarks>
/// <code>
/// xid | CALL=0 | rpcvers=2 | prog | vers | proc | cred (flavor, opaque&lt;400&gt;) | verf (flavor, opaque&lt;400&gt;)
/// </code>
/// The procedure's arguments follow at <see cref="HeaderBytes"/>.
/// </remarks>
public readonly ref struct RpcCall
{
    /// <summary>Header size with empty credentials; a call is never shorter.</summary>
    public const int HeaderBytesMin = 40;

    public required uint Xid { get; init; }

    public required uint Program { get; init; }

    public required uint Version { get; init; }

    public required uint Procedure { get; init; }

    public required RpcAuthFlavor CredentialFlavor { get; init; }

    public required ReadOnlySpan<byte> Credential { get; init; }

    public required RpcAuthFlavor VerifierFlavor { get; init; }

    public required ReadOnlySpan<byte> Verifier { get; init; }

    /// <summary>Where the arguments begin in the record.</summary>
    public required int HeaderBytes { get; init; }

    /// <summary>Parses the header. With a fault other than <see cref="RpcCallFault.Unanswerable"/>, Xid is set.</summary>
    public static RpcCallFault Parse(ReadOnlySpan<byte> record, out RpcCall call)
    {
        call = default;
        if (record.Length < 3 * sizeof(uint)) return RpcCallFault.Unanswerable;

        var reader = new XdrReader(record);
        var xid = reader.ReadUInt32();
        if (reader.ReadUInt32() != (uint)RpcMessageType.Call) return RpcCallFault.Unanswerable;

        var rpcVersion = reader.ReadUInt32();
        var program = reader.ReadUInt32();
        var version = reader.ReadUInt32();
        var procedure = reader.ReadUInt32();
        var rest = 6 * sizeof(uint);
        var fault = RpcCallFault.None;
        RpcAuthFlavor credentialFlavor = default, verifierFlavor = default;
        ReadOnlySpan<byte> credential = default, verifier = default;

        // The layout after rpcvers belongs to version 2: another version is answered before it is read.
        if (rpcVersion != RpcBounds.RpcVersion)
            fault = RpcCallFault.RpcVersionMismatch;
        else
            fault = ReadAuth(record, ref rest, RpcCallFault.CredentialOverlong, out credentialFlavor, out credential);

        if (fault == RpcCallFault.None)
            fault = ReadAuth(record, ref rest, RpcCallFault.VerifierOverlong, out verifierFlavor, out verifier);

        call = new RpcCall
        {
            Xid = xid,
            Program = program,
            Version = version,
            Procedure = procedure,
            CredentialFlavor = credentialFlavor,
            Credential = credential,
            VerifierFlavor = verifierFlavor,
            Verifier = verifier,
            HeaderBytes = rest,
        };
        return fault;
    }

    /// <summary>Writes a call header with an empty verifier; returns its length. For clients.</summary>
    public static int WriteHeader(
        Span<byte> output, uint xid, uint program, uint version, uint procedure, RpcCredentials credentials)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output, xid);
        BinaryPrimitives.WriteUInt32BigEndian(output[4..], (uint)RpcMessageType.Call);
        BinaryPrimitives.WriteUInt32BigEndian(output[8..], RpcBounds.RpcVersion);
        BinaryPrimitives.WriteUInt32BigEndian(output[12..], program);
        BinaryPrimitives.WriteUInt32BigEndian(output[16..], version);
        BinaryPrimitives.WriteUInt32BigEndian(output[20..], procedure);
        BinaryPrimitives.WriteUInt32BigEndian(output[24..], (uint)credentials.Flavor);
        var bodyBytes = credentials.WriteBody(output[32..]);
        BinaryPrimitives.WriteUInt32BigEndian(output[28..], (uint)bodyBytes);
        output.Slice(32 + bodyBytes, 8).Clear();
        return 40 + bodyBytes;
    }

    // opaque_auth, RFC 5531 §8.2: flavor, opaque<400>.
    private static RpcCallFault ReadAuth(
        ReadOnlySpan<byte> record,
        scoped ref int position,
        RpcCallFault whenOverlong,
        out RpcAuthFlavor flavor,
        out ReadOnlySpan<byte> body)
    {
        flavor = default;
        body = default;
        if (record.Length - position < 2 * sizeof(uint)) return RpcCallFault.Unanswerable;

        flavor = (RpcAuthFlavor)BinaryPrimitives.ReadUInt32BigEndian(record[position..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(record[(position + 4)..]);
        position += 2 * sizeof(uint);
        if (length > RpcBounds.AuthBytesMax) return whenOverlong;

        var padded = ((int)length + 3) & ~3;
        if (record.Length - position < padded) return RpcCallFault.Unanswerable;

        body = record.Slice(position, (int)length);
        position += padded;
        return RpcCallFault.None;
    }
}

/// <summary>Why a record is not a call this server can run.</summary>
public enum RpcCallFault
{
    None,

    /// <summary>Too short, or not a call: there is nothing to answer to. The stream is out of step: close it.</summary>
    Unanswerable,

    /// <summary>rpcvers is not 2: MSG_DENIED, RPC_MISMATCH.</summary>
    RpcVersionMismatch,

    /// <summary>MSG_DENIED, AUTH_BADCRED.</summary>
    CredentialOverlong,

    /// <summary>MSG_DENIED, AUTH_BADVERF.</summary>
    VerifierOverlong,
}
