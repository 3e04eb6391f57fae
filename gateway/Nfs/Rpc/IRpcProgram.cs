using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Rpc;

/// <summary>One program of RFC 5531 (NFS, MOUNT, NLM, NSM, portmap) behind the shared port.</summary>
/// <remarks>
/// Threading: <see cref="DispatchAsync"/> is called for many requests at once. It starts on the thread that reads the
/// connection: it must not block there. A request that completes synchronously costs no thread switch, and its reply
/// leaves together with those of its neighbours.
/// </remarks>
internal interface IRpcProgram
{
    uint Number { get; }

    /// <summary>Lowest and highest supported version, as PROG_MISMATCH reports them.</summary>
    uint VersionMin { get; }

    uint VersionMax { get; }

    /// <summary>The program's name in metrics and logs, lower case.</summary>
    string Name { get; }

    /// <summary>False answers PROG_MISMATCH; for programs with a gap between their versions.</summary>
    bool SupportsVersion(uint version) => version >= VersionMin && version <= VersionMax;

    /// <summary>True for a program that clients also call by UDP: its results are short and it waits for little.</summary>
    bool TakesDatagrams => false;

    /// <summary>
    /// Upper bound in bytes of the results this call may write. It is reserved before the call starts, so that
    /// a client which asks for much and reads nothing cannot grow the process.
    /// </summary>
    int ReplyBytesMax(uint version, uint procedure, ReadOnlySpan<byte> arguments) => 4096;

    /// <summary>
    /// Runs one call: parses <see cref="RpcContext.Arguments"/>, writes the results to <see cref="RpcContext.Output"/>
    /// when the outcome is <see cref="RpcAcceptStatus.Success"/>. With any other outcome what was written is discarded.
    /// </summary>
    ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call);
}
