using Gateway.Protocol.DceRpc;

namespace Gateway.Smb.Pipes;

/// <summary>The server's side of one association of connection-oriented DCE/RPC, C706 chapter 12 and MS-RPCE 3.3.1.</summary>
/// <remarks>
/// Not safe for use by two threads at a time: its pipe calls it for one message after the other. No authentication: the
/// SMB session has proved who calls, and signs or encrypts what is said.
/// </remarks>
internal sealed class RpcAssociation(IReadOnlyList<IRpcInterface> interfaces, PipeCaller caller, string port)
{
    /// <summary>Nothing is shared between associations, so one group id is as good as another; 0 would mean none.</summary>
    private const uint Group = 0x000053F0;

    private readonly Dictionary<ushort, IRpcInterface> _contexts = [];
    private readonly ContextHandles _handles = new();
    private byte[] _incomplete = [];
    private int _transmitBytesMax = PipeLimits.FragmentBytes;
    private bool _isBound;
    private CallInProgress? _call;

    /// <summary>
    /// Takes bytes of the client and adds PDUs that answer them. False when the client broke the protocol: then nothing more
    /// can be said.
    /// </summary>
    public async ValueTask<bool> ReceiveAsync(ReadOnlyMemory<byte> input, List<byte[]> answers, CancellationToken cancellation)
    {
        if (_incomplete.Length > 0)
        {
            input = (byte[])[.. _incomplete, .. input.Span];
            _incomplete = [];
        }

        while (input.Length >= DcePduHeader.Bytes)
        {
            if (!DcePduHeader.TryParse(input.Span, out var header) || header.FragmentBytes > PipeLimits.FragmentBytesMax)
            {
                answers.Add(DcePdus.Fault(header.CallId, 0, DceFaultStatus.ProtocolError));
                return false;
            }

            if (input.Length < header.FragmentBytes) break;
            if (!await HandleAsync(header, input[..header.FragmentBytes], answers, cancellation)) return false;
            input = input[header.FragmentBytes..];
        }

        // Less than one PDU, so it is bounded.
        _incomplete = input.ToArray();
        return true;
    }

    private ValueTask<bool> HandleAsync(
        in DcePduHeader header, ReadOnlyMemory<byte> pdu, List<byte[]> answers, CancellationToken cancellation)
    {
        var body = pdu[DcePduHeader.Bytes..];
        switch (header.Type)
        {
            case DcePduType.Bind when !_isBound:
                return new(Bind(header, body.Span, DcePduType.BindAck, answers));
            case DcePduType.AlterContext when _isBound:
                return new(Bind(header, body.Span, DcePduType.AlterContextResponse, answers));
            case DcePduType.Request when _isBound && header.AuthenticationBytes == 0:
                return RequestAsync(header, body, answers, cancellation);
            case DcePduType.Cancel or DcePduType.Orphaned:
                // Calls do not take long enough to be cancelled; one that is incomplete is forgotten.
                if (_call?.Id == header.CallId) _call = null;
                return new(true);
            default:
                answers.Add(DcePdus.Fault(header.CallId, 0, DceFaultStatus.ProtocolError));
                return new(false);
        }
    }

    private bool Bind(in DcePduHeader header, ReadOnlySpan<byte> body, DcePduType answer, List<byte[]> answers)
    {
        if (header.AuthenticationBytes > 0)
        {
            answers.Add(DcePdus.BindNak(header.CallId, DceBindRejection.AuthenticationTypeNotRecognized));
            return false;
        }

        if (!DceBind.TryParse(body, out var bind))
        {
            answers.Add(DcePdus.BindNak(header.CallId, DceBindRejection.NotSpecified));
            return false;
        }

        if (!_isBound)
            _transmitBytesMax = Math.Clamp(bind.ReceiveBytesMax, PipeLimits.FragmentBytesMin, PipeLimits.FragmentBytes);
        _isBound = true;
        var results = bind.Proposals.Select(Accept).ToArray();
        answers.Add(DcePdus.BindAck(answer, header.CallId, _transmitBytesMax, PipeLimits.FragmentBytes, Group, port, results));
        return true;
    }

    private DceBindResult Accept(DceProposal proposal)
    {
        if (proposal.Transfers.Any(transfer => transfer.IsFeatureNegotiation)) return DceBindResult.NoFeatures;

        var found = interfaces.FirstOrDefault(each => Serves(each.Syntax, proposal.Interface));
        if (found is null) return DceBindResult.Rejected(DceRejection.AbstractSyntaxNotSupported);
        if (!proposal.Transfers.Contains(DceSyntax.Ndr))
            return DceBindResult.Rejected(DceRejection.ProposedTransferSyntaxesNotSupported);
        if (_contexts.Count >= PipeLimits.ContextsMax && !_contexts.ContainsKey(proposal.ContextId))
            return DceBindResult.Rejected(DceRejection.LocalLimitExceeded);

        _contexts[proposal.ContextId] = found;
        return DceBindResult.Accepted;
    }

    private static bool Serves(DceSyntax served, DceSyntax wanted) =>
        served.Uuid == wanted.Uuid && served.Major == wanted.Major && served.Minor >= wanted.Minor;

    private async ValueTask<bool> RequestAsync(
        DcePduHeader header, ReadOnlyMemory<byte> body, List<byte[]> answers, CancellationToken cancellation)
    {
        if (!Collect(header, body.Span))
        {
            answers.Add(DcePdus.Fault(header.CallId, 0, DceFaultStatus.ProtocolError));
            return false;
        }

        if ((header.Flags & DcePduFlags.LastFragment) == 0) return true;

        var call = _call!;
        _call = null;
        if (call.IsTooLong)
        {
            answers.Add(DcePdus.Fault(call.Id, call.ContextId, DceFaultStatus.RemoteNoMemory));
        }
        else if (!_contexts.TryGetValue(call.ContextId, out var called))
        {
            answers.Add(DcePdus.Fault(call.Id, call.ContextId, DceFaultStatus.UnknownInterface));
        }
        else
        {
            var pipeCall = new PipeCall { Operation = call.Operation, Stub = call.Stub, Caller = caller, Handles = _handles };
            var fault = await called.CallAsync(pipeCall, cancellation);
            if (fault == DceFaultStatus.None)
                answers.AddRange(DcePdus.Response(call.Id, call.ContextId, pipeCall.Reply.Written, _transmitBytesMax));
            else
                answers.Add(DcePdus.Fault(call.Id, call.ContextId, fault));
        }

        return true;
    }

    /// <summary>Adds a fragment to the call it belongs to; false when it belongs to none.</summary>
    private bool Collect(in DcePduHeader header, ReadOnlySpan<byte> body)
    {
        var isFirst = (header.Flags & DcePduFlags.FirstFragment) != 0;
        if (isFirst != (_call is null) || !DceRequest.TryParse(body, header.Flags, out var request)) return false;

        _call ??= new CallInProgress(header.CallId, request.ContextId, request.Operation);
        if (_call.Id != header.CallId || _call.ContextId != request.ContextId || _call.Operation != request.Operation) return false;

        _call.Add(request.Stub);
        return true;
    }

    /// <summary>A call whose fragments come in.</summary>
    private sealed class CallInProgress(uint id, ushort contextId, ushort operation)
    {
        private byte[] _stub = [];

        public uint Id { get; } = id;

        public ushort ContextId { get; } = contextId;

        public ushort Operation { get; } = operation;

        /// <summary>What came beyond the bound was not kept.</summary>
        public bool IsTooLong { get; private set; }

        public ReadOnlyMemory<byte> Stub => _stub;

        public void Add(ReadOnlySpan<byte> fragment)
        {
            IsTooLong |= _stub.Length + fragment.Length > PipeLimits.CallBytesMax;
            _stub = IsTooLong ? [] : [.. _stub, .. fragment];
        }
    }
}
