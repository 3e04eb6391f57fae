using System.Runtime.CompilerServices;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>
/// What all procedures have in common that change names or attributes: admission, exactly-once replies, answers.
/// </summary>
internal sealed class Nfs3Changes(ExportTable exports)
{
    private readonly RetransmissionTable _retransmissions = new();

    public Admission Enter(
        RpcContext call, ReadOnlySpan<byte> handle, out NodeId node, out Nfs3Status status)
    {
        var at = exports.Enter(call, handle, out node);
        status = at.IsAdmitted && at.IsReadOnly ? Nfs3Status.ReadOnly : at.Outcome.ToNfs3();
        return at;
    }

    public Nfs3RecordedReply? Record(RpcContext call, Admission at)
    {
        var key = new RequestKey(call);
        return _retransmissions.TryNumber(key, call.Peer, out var ordinal)
            ? new Nfs3RecordedReply(call, at.Tree.Handles, key, ordinal)
            : null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<RpcAcceptStatus> AnswerAsync(
        RpcContext call, Admission at, Nfs3RecordedReply? reply, ValueTask<ChangeResult> change)
    {
        var result = await change;
        if (result.Status == FileStatus.Unavailable)
        {
            // It may still happen. JUKEBOX would make the client try again as a new request, and its own success would
            // then look like somebody else's; the same request again finds the recorded answer.
            call.Disconnect();
        }
        else if (reply is { Bytes.IsEmpty: false })
        {
            call.Output.WriteRaw(reply.Bytes.Span);
        }
        else
        {
            ChangeReply.Write(
                call.Output, (Nfs3Procedure)call.Procedure, result.Status.ToNfs3(), result, at.Tree.Handles);
        }

        return RpcAcceptStatus.Success;
    }

    // Refused before the file system was asked, with the attributes the client is owed all the same.
    public static ValueTask<RpcAcceptStatus> RefuseAsync(
        RpcContext call, Nfs3Status status, Admission at, NodeId node) =>
        RefuseAsync(call, status, at, node, at, node);

    public static async ValueTask<RpcAcceptStatus> RefuseAsync(
        RpcContext call, Nfs3Status status, Admission at, NodeId node, Admission target, NodeId targetNode)
    {
        var first = (await at.AttributesAsync(node))?.ToNfs3();
        var second = target == at && targetNode == node ? first : (await target.AttributesAsync(targetNode))?.ToNfs3();
        ChangeReply.WriteRefusal(call.Output, (Nfs3Procedure)call.Procedure, status, first, second);
        return RpcAcceptStatus.Success;
    }
}
