using Gateway.Protocol.DceRpc;

namespace Gateway.Smb.Pipes;

/// <summary>The operations behind one interface of DCE/RPC. Called by many associations at a time.</summary>
internal interface IRpcInterface
{
    DceSyntax Syntax { get; }

    /// <summary>May be bound by who has no name.</summary>
    bool AllowsAnonymous { get; }

    /// <summary>Carries out a call: <see cref="DceFaultStatus.None"/> when its reply was written.</summary>
    ValueTask<DceFaultStatus> CallAsync(PipeCall call, CancellationToken cancellation);
}
