using Gateway.Protocol.DceRpc;

namespace Gateway.Smb.Pipes;

/// <summary>One call of an operation.</summary>
internal sealed class PipeCall
{
    public required ushort Operation { get; init; }

    /// <summary>The parameters.</summary>
    public required ReadOnlyMemory<byte> Stub { get; init; }

    public required PipeCaller Caller { get; init; }

    /// <summary>Context handles of the association.</summary>
    public required ContextHandles Handles { get; init; }

    /// <summary>Takes the results.</summary>
    public NdrWriter Reply { get; } = new();
}
