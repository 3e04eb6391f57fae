using System.Buffers;
using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>
/// The answer of one NFS request that must happen once, and the key by which a retransmission finds it.
/// </summary>
internal sealed class Nfs3RecordedReply : RecordedReply
{
    private readonly byte[] _key = new byte[RequestKey.Bytes + 1];
    private readonly Nfs3Procedure _procedure;
    private readonly HandleSeal _seal;

    /// <param name="call">The request; only looked at here.</param>
    /// <param name="seal">Makes the handle of a new node.</param>
    /// <param name="key">Of the call.</param>
    /// <param name="ordinal">Tells equal requests of different clients apart, see <see
    /// cref="RetransmissionTable"/>.</param>
    public Nfs3RecordedReply(RpcContext call, HandleSeal seal, in RequestKey key, byte ordinal)
    {
        _procedure = (Nfs3Procedure)call.Procedure;
        _seal = seal;
        key.Write(_key);
        _key[^1] = ordinal;
    }

    public override ReadOnlySpan<byte> Client => _key.AsSpan(0, RequestKey.ClientBytes);

    public override ReadOnlySpan<byte> Request => _key.AsSpan(RequestKey.ClientBytes);

    protected internal override void Encode(ChangeResult result, IBufferWriter<byte> destination)
    {
        using var writer = new XdrWriter();
        ChangeReply.Write(writer, _procedure, Nfs3Status.Ok, result, _seal);
        destination.Write(writer.WrittenSpan);
    }
}
