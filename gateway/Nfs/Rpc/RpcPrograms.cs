using Gateway.Protocol.Wire;
using Gateway.Telemetry;

namespace Gateway.Nfs.Rpc;

/// <summary>The programs behind one port: finds the one a call means, or answers for it.</summary>
/// <remarks>Immutable. The order of the checks is that of RFC 5531 §9.</remarks>
internal sealed class RpcPrograms
{
    private readonly (IRpcProgram Program, RpcProgramCounters Counters)[] _programs;

    public RpcPrograms(IEnumerable<IRpcProgram> programs, GatewayMetrics metrics) =>
        _programs = [.. programs.Select(program => (program, metrics.CountersOf(program.Name)))];

    private RpcPrograms((IRpcProgram, RpcProgramCounters)[] programs) => _programs = programs;

    /// <summary>Those that may be called by UDP.</summary>
    public RpcPrograms ForDatagrams() => new([.. _programs.Where(known => known.Program.TakesDatagrams)]);

    /// <summary>Parses the record in <paramref name="call"/> and finds its program.</summary>
    public RpcRouting Route(RpcContext call, CredentialCache credentials, out IRpcProgram? program)
    {
        program = null;
        var fault = RpcCall.Parse(call.Record, out var header);
        if (fault == RpcCallFault.Unanswerable) return RpcRouting.Unanswerable;

        var refusal = RpcAuthStatus.Ok;
        var caller = RpcCredentials.None;
        if (fault == RpcCallFault.None)
            refusal = Authenticate(header, credentials, out caller);
        call.Accept(header, caller);

        Span<byte> message = stackalloc byte[RpcReply.HeaderBytesMax];
        var length = fault switch
        {
            RpcCallFault.RpcVersionMismatch => RpcReply.WriteRpcMismatch(message, header.Xid),
            RpcCallFault.CredentialOverlong =>
                RpcReply.WriteAuthError(message, header.Xid, RpcAuthStatus.BadCredential),
            RpcCallFault.VerifierOverlong => RpcReply.WriteAuthError(message, header.Xid, RpcAuthStatus.BadVerifier),
            _ when refusal != RpcAuthStatus.Ok => RpcReply.WriteAuthError(message, header.Xid, refusal),
            _ => Find(call, message, out program),
        };
        if (program is not null) return RpcRouting.Program;

        call.Output.Seal(message[..length]);
        return RpcRouting.Answered;
    }

    private static RpcAuthStatus Authenticate(in RpcCall header, CredentialCache cache, out RpcCredentials caller)
    {
        caller = RpcCredentials.None;
        return header.CredentialFlavor switch
        {
            RpcAuthFlavor.None => RpcAuthStatus.Ok,
            RpcAuthFlavor.Sys => cache.TryGet(header.Credential, out caller)
                ? RpcAuthStatus.Ok
                : RpcAuthStatus.BadCredential,
            _ => RpcAuthStatus.RejectedCredential,
        };
    }

    private int Find(RpcContext call, Span<byte> message, out IRpcProgram? found)
    {
        found = null;
        foreach (var (program, counters) in _programs)
        {
            if (program.Number != call.Program) continue;
            if (!program.SupportsVersion(call.Version))
                return RpcReply.WriteProgramMismatch(message, call.Xid, program.VersionMin, program.VersionMax);

            call.Counters = counters;
            found = program;
            return 0;
        }

        return RpcReply.WriteAccepted(message, call.Xid, RpcAcceptStatus.ProgramUnavailable);
    }
}

/// <summary>What becomes of a record.</summary>
internal enum RpcRouting
{
    /// <summary>A program is to run it.</summary>
    Program,

    /// <summary>The reply is in the context's output already.</summary>
    Answered,

    /// <summary>Not a call: the peer is out of step.</summary>
    Unanswerable,
}
