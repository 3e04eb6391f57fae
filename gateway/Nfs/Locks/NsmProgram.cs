using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nsm;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Locks;

/// <summary>The Network Status Monitor, XNFS chapter 11: hears which hosts have restarted, and frees their locks.</summary>
/// <remarks>
/// We monitor hosts for our own lock manager only, so nobody can register with us, as with any statd from another machine.
/// Hosts notify by datagram, so this program is served over UDP too. Threading: any.
/// </remarks>
internal sealed class NsmProgram(LockVolumes volumes) : IRpcProgram
{
    private const int ReservedPortMax = 1023;

    public uint Number => NsmProtocol.Program;

    public uint VersionMin => NsmProtocol.Version;

    public uint VersionMax => NsmProtocol.Version;

    public string Name => "nsm";

    public bool TakesDatagrams => true;

    public ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call)
    {
        var arguments = call.Arguments.Span;
        switch ((NsmProcedure)call.Procedure)
        {
            case NsmProcedure.Null:
                return new(RpcAcceptStatus.Success);

            case NsmProcedure.Stat:
                if (!NsmNameArgs.TryParse(arguments, out _)) return new(RpcAcceptStatus.GarbageArguments);
                new NsmStatusResult(NsmOutcome.Success, volumes.State).Write(call.Output);
                return new(RpcAcceptStatus.Success);

            case NsmProcedure.Monitor:
                if (!NsmMonitorArgs.TryParse(arguments, withPrivate: true, out _)) return new(RpcAcceptStatus.GarbageArguments);
                new NsmStatusResult(NsmOutcome.Failure, volumes.State).Write(call.Output);
                return new(RpcAcceptStatus.Success);

            case NsmProcedure.Unmonitor:
                return new(WriteState(call, NsmMonitorArgs.TryParse(arguments, withPrivate: false, out _)));

            case NsmProcedure.UnmonitorAll:
                return new(WriteState(call, NsmCallbackArgs.TryParse(arguments, out _)));

            case NsmProcedure.Notify:
                return NotifyAsync(call);

            // SM_SIMU_CRASH would be for us to say, not for others.
            default:
                return new(RpcAcceptStatus.ProcedureUnavailable);
        }
    }

    private RpcAcceptStatus WriteState(RpcContext call, bool parsed)
    {
        if (!parsed) return RpcAcceptStatus.GarbageArguments;

        new NsmStateResult(volumes.State).Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    private ValueTask<RpcAcceptStatus> NotifyAsync(RpcContext call) =>
        NsmChangeArgs.TryParse(call.Arguments.Span, out var args)
            ? NotifyAsync(call, args.Name.ToArray(), args.State)
            : new(RpcAcceptStatus.GarbageArguments);

    private async ValueTask<RpcAcceptStatus> NotifyAsync(RpcContext call, byte[] name, int state)
    {
        var isPrivileged = call.Peer.Port is > 0 and <= ReservedPortMax;
        var status = await volumes.RestartedAsync(call.PeerAddress, name, state, isPrivileged);

        // The notice has no result; without a reply the host repeats it, and that is what we want then.
        if (status != FileStatus.Ok) call.Drop();
        return RpcAcceptStatus.Success;
    }
}
