using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Locks;

/// <summary>The Network Lock Manager version 4, RFC 1813 Appendix II and XNFS chapter 10.</summary>
/// <remarks>Threading: any number of calls at once. The state is the lock table's and the call-backs'.</remarks>
internal sealed class Nlm4Program(
    LockProcedures procedures, LockAnswers answers, LockVolumes volumes, GrantCallbacks callbacks) : IRpcProgram
{
    public uint Number => Nlm4Protocol.Program;

    public uint VersionMin => Nlm4Protocol.Version;

    public uint VersionMax => Nlm4Protocol.Version;

    public string Name => "nlm";

    public ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call) => (Nlm4Procedure)call.Procedure switch
    {
        Nlm4Procedure.Null => new(RpcAcceptStatus.Success),
        Nlm4Procedure.Test or Nlm4Procedure.TestMessage => TestAsync(call),
        Nlm4Procedure.Lock or Nlm4Procedure.LockMessage => LockAsync(call, monitored: true),
        Nlm4Procedure.UnmonitoredLock => LockAsync(call, monitored: false),
        Nlm4Procedure.Cancel or Nlm4Procedure.CancelMessage => CancelAsync(call),
        Nlm4Procedure.Unlock or Nlm4Procedure.UnlockMessage => UnlockAsync(call),
        Nlm4Procedure.GrantedResult => GrantedResultAsync(call),
        Nlm4Procedure.Share => ShareAsync(call, ends: false),
        Nlm4Procedure.Unshare => ShareAsync(call, ends: true),
        Nlm4Procedure.FreeAll => FreeAllAsync(call),

        // We wait for no lock of others: their grants and the results of our messages are not for us.
        _ => new(RpcAcceptStatus.ProcedureUnavailable),
    };

    private async ValueTask<RpcAcceptStatus> TestAsync(RpcContext call)
    {
        if (!TryRead(call, out var wanted)) return RpcAcceptStatus.GarbageArguments;

        var (status, conflict) = await procedures.TestAsync(call, wanted);
        if (call.Procedure == (uint)Nlm4Procedure.Test)
        {
            Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        return Message(call, wanted, Nlm4Procedure.TestResult, Write);

        void Write(XdrWriter writer)
        {
            var (svid, ownerHandle) = conflict is null ? (0, []) : LockOwners.Read(conflict.Owner);
            new Nlm4TestResult
            {
                Cookie = wanted.Cookie,
                Status = status,
                Holder = new Nlm4Holder
                {
                    Exclusive = conflict?.Exclusive ?? false,
                    Svid = svid,
                    OwnerHandle = ownerHandle,
                    Offset = conflict?.Range.Start ?? 0,
                    Length = conflict?.Range.Length ?? 0,
                },
            }.Write(writer);
        }

        static bool TryRead(RpcContext call, out LockCall wanted)
        {
            var parsed = Nlm4TestArgs.TryParse(call.Arguments.Span, out var args);
            wanted = parsed ? LockCall.Of(call, args) : null!;
            return parsed;
        }
    }

    private async ValueTask<RpcAcceptStatus> LockAsync(RpcContext call, bool monitored)
    {
        if (!TryRead(call, out var wanted)) return RpcAcceptStatus.GarbageArguments;

        var byMessage = call.Procedure == (uint)Nlm4Procedure.LockMessage;
        var status = await answers.OnceAsync(call, () => procedures.LockAsync(call, wanted, monitored, byMessage));
        return Answer(call, wanted, status, byMessage ? Nlm4Procedure.LockResult : null);

        static bool TryRead(RpcContext call, out LockCall wanted)
        {
            var parsed = Nlm4LockArgs.TryParse(call.Arguments.Span, out var args);
            wanted = parsed ? LockCall.Of(call, args) : null!;
            return parsed;
        }
    }

    private async ValueTask<RpcAcceptStatus> CancelAsync(RpcContext call)
    {
        if (!TryRead(call, out var wanted)) return RpcAcceptStatus.GarbageArguments;

        var byMessage = call.Procedure == (uint)Nlm4Procedure.CancelMessage;
        var status = await answers.OnceAsync(call, () => procedures.CancelAsync(call, wanted));
        return Answer(call, wanted, status, byMessage ? Nlm4Procedure.CancelResult : null);

        static bool TryRead(RpcContext call, out LockCall wanted)
        {
            var parsed = Nlm4CancelArgs.TryParse(call.Arguments.Span, out var args);
            wanted = parsed ? LockCall.Of(call, args) : null!;
            return parsed;
        }
    }

    private async ValueTask<RpcAcceptStatus> UnlockAsync(RpcContext call)
    {
        if (!TryRead(call, out var wanted)) return RpcAcceptStatus.GarbageArguments;

        var byMessage = call.Procedure == (uint)Nlm4Procedure.UnlockMessage;
        var status = await answers.OnceAsync(call, () => procedures.UnlockAsync(call, wanted));
        return Answer(call, wanted, status, byMessage ? Nlm4Procedure.UnlockResult : null);

        static bool TryRead(RpcContext call, out LockCall wanted)
        {
            var parsed = Nlm4UnlockArgs.TryParse(call.Arguments.Span, out var args);
            wanted = parsed ? LockCall.Of(call, args) : null!;
            return parsed;
        }
    }

    private async ValueTask<RpcAcceptStatus> GrantedResultAsync(RpcContext call)
    {
        if (!TryRead(call, out var cookie, out var status)) return RpcAcceptStatus.GarbageArguments;

        await callbacks.AnsweredAsync(cookie, status, call.PeerAddress);
        return RpcAcceptStatus.Success;

        static bool TryRead(RpcContext call, out byte[] cookie, out Nlm4Status status)
        {
            var parsed = Nlm4Result.TryParse(call.Arguments.Span, out var result);
            cookie = result.Cookie.ToArray();
            status = result.Status;
            return parsed;
        }
    }

    private async ValueTask<RpcAcceptStatus> ShareAsync(RpcContext call, bool ends)
    {
        if (!TryRead(call, out var wanted)) return RpcAcceptStatus.GarbageArguments;

        var status = await answers.OnceAsync(call, () => procedures.ShareAsync(call, wanted, ends));
        new Nlm4ShareResult { Cookie = wanted.Cookie, Status = status }.Write(call.Output);
        return RpcAcceptStatus.Success;

        static bool TryRead(RpcContext call, out ShareCall wanted)
        {
            var parsed = Nlm4ShareArgs.TryParse(call.Arguments.Span, out var args);
            wanted = parsed ? new ShareCall(call, args) : null!;
            return parsed;
        }
    }

    private async ValueTask<RpcAcceptStatus> FreeAllAsync(RpcContext call)
    {
        if (!TryRead(call, out var client)) return RpcAcceptStatus.GarbageArguments;

        // There is no result to say "not now": without a reply the client asks again.
        if (await volumes.ReleaseAsync(client) != FileStatus.Ok) call.Drop();
        return RpcAcceptStatus.Success;

        static bool TryRead(RpcContext call, out LockClient client)
        {
            var parsed = Nlm4FreeAllArgs.TryParse(call.Arguments.Span, out var args);
            client = parsed ? new LockClient(call.PeerAddress, args.Name) : null!;
            return parsed;
        }
    }

    private RpcAcceptStatus Answer(RpcContext call, LockCall wanted, Nlm4Status status, Nlm4Procedure? message)
    {
        if (message is { } procedure) return Message(call, wanted, procedure, Write);

        Write(call.Output);
        return RpcAcceptStatus.Success;

        void Write(XdrWriter writer) => new Nlm4Result { Cookie = wanted.Cookie, Status = status }.Write(writer);
    }

    // The message itself gets an empty reply: some clients wait for one, the others do not mind.
    private RpcAcceptStatus Message(RpcContext call, LockCall wanted, Nlm4Procedure procedure, Action<XdrWriter> write)
    {
        callbacks.Send(wanted.Client.Address, call.Peer.LocalAddress, procedure, write);
        return RpcAcceptStatus.Success;
    }
}
