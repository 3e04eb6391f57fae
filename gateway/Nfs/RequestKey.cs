using System.Buffers.Binary;
using Gateway.FileSystem;
using Gateway.Nfs.Rpc;

namespace Gateway.Nfs;

/// <summary>
/// What makes two calls the same request (PROTOCOL §7.1): transaction id, procedure, all arguments, credentials, and
/// the client's address, but not its port, which a reconnect may change.
/// </summary>
/// <remarks>The hash is of a fixed key: a recorded reply must be found again by another process.</remarks>
internal readonly struct RequestKey
{
    public const int ClientBytes = 16;

    /// <summary>xid, procedure, hash of arguments and credentials.</summary>
    public const int RequestBytes = 4 + 4 + SipHash.HashBytes + SipHash.HashBytes;

    /// <summary>Client and request, in this order.</summary>
    public const int Bytes = ClientBytes + RequestBytes;

    private const int CredentialBytesMax = 4 * (4 + Protocol.Wire.RpcBounds.GroupsMax);

    private static readonly SipHash Hash = new("nasgate-replies1"u8);

    private readonly RpcContext _call;

    public RequestKey(RpcContext call) => _call = call;

    /// <param name="key">At least <see cref="Bytes"/> long.</param>
    public void Write(Span<byte> key)
    {
        WriteClient(key);
        WriteRequest(key[ClientBytes..]);
    }

    private void WriteClient(Span<byte> client)
    {
        client = client[..ClientBytes];
        client.Clear();
        if (!_call.PeerAddress.TryWriteBytes(client, out var written) || written == ClientBytes) return;

        // IPv4 goes where IPv4-mapped IPv6 has it.
        client[..written].CopyTo(client[12..]);
        client[..written].Clear();
        client[10] = client[11] = 0xFF;
    }

    private void WriteRequest(Span<byte> request)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(request, _call.Xid);
        BinaryPrimitives.WriteUInt32LittleEndian(request[4..], _call.Procedure);
        Hash.Hash(_call.Arguments.Span, request.Slice(8, SipHash.HashBytes));
        WriteCredentials(request.Slice(8 + SipHash.HashBytes, SipHash.HashBytes));
    }

    // The machine name is left out: it decides nothing.
    private void WriteCredentials(Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[CredentialBytesMax];
        var caller = _call.Caller;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)caller.Flavor);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], caller.UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], caller.GroupId);
        var length = 12;
        foreach (var group in caller.Groups)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[length..], group);
            length += sizeof(uint);
        }

        Hash.Hash(bytes[..length], hash);
    }
}
