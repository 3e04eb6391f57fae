using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Connections;

/// <summary>The messages of one connection, from complete to answered.</summary>
/// <remarks>
/// Threading: messages are inspected by any thread, started in the order of their arrival by one at a time, and may end on any.
/// </remarks>
internal sealed partial class RequestFlow(SmbConnection connection, ResponseQueue responses)
{
    /// <summary>A signed or sealed message of this size is worth another thread.</summary>
    private const int OffloadBytes = 48 << 10;

    private const int CompoundAlignment = 8;

    private readonly SmbServer _server = connection.Server;
    private readonly RunningRequests _running = new();
    private readonly MessageWindow _window = new();
    private readonly Lock _startGate = new();
    private readonly Queue<SmbRequest> _arrived = new();
    private bool _starting;

    /// <summary>Carries out the message, or waits until there is room for its responses.</summary>
    /// <param name="request">Complete.</param>
    /// <param name="cancellation">The connection has ended: what waits is given up.</param>
    public ValueTask AcceptAsync(SmbRequest request, CancellationToken cancellation)
    {
        request.Attach(connection);
        if (request.Received.Length >= OffloadBytes && MessageInspection.IsCostly(request))
        {
            responses.Admit(request);
            Submit(request);
            ThreadPool.UnsafeQueueUserWorkItem(InspectLate, request, preferLocal: false);
            return default;
        }

        MessageInspection.Inspect(request);
        request.IsInspected = true;
        request.IsOnReader = true;
        var responseBytes = ResponseEstimate.Of(request);
        if (responses.HasRoom(responseBytes) && _server.Memory.Replies.TryTake(responseBytes))
        {
            Admit(request, responseBytes);
            return default;
        }

        return WaitAsync();

        async ValueTask WaitAsync()
        {
            try
            {
                responses.Flush();
                await responses.RoomAsync(responseBytes);
                await _server.Memory.Replies.TakeAsync(responseBytes, cancellation);
            }
            catch (OperationCanceledException)
            {
                _server.Discard(request);
                throw;
            }

            Admit(request, responseBytes);
        }
    }

    /// <summary>
    /// Nobody waits for what is running, nor for what is started from now on; but for what the client may ask for again
    /// on another connection of the session.
    /// </summary>
    public void CancelAll() => _running.CancelAll();

    /// <summary>Goes on with a request whose handler has ended.</summary>
    internal void Continue(SmbRequest request, NtStatus status)
    {
        try
        {
            if (Finish(request, status)) Carry(request);
        }
        catch (Exception error)
        {
            // The response cannot be told from garbage any more; only the connection is lost.
            _server.ReportFault(connection, error);
            connection.Abort();
        }
    }

    private void Admit(SmbRequest request, int responseBytes)
    {
        request.ResponseCharge = responseBytes;
        responses.Admit(request);
        responses.BeginHold();
        Submit(request);
        responses.EndHold();
    }

    private void InspectLate(SmbRequest request)
    {
        MessageInspection.Inspect(request);
        lock (_startGate)
        {
            request.IsInspected = true;
            if (_starting) return;
            _starting = true;
        }

        StartArrived();
    }

    private void Submit(SmbRequest request)
    {
        lock (_startGate)
        {
            _arrived.Enqueue(request);
            if (_starting) return;
            _starting = true;
        }

        StartArrived();
    }

    // Runs while its caller has set _starting.
    private void StartArrived()
    {
        while (true)
        {
            SmbRequest? next;
            lock (_startGate)
            {
                if (!_arrived.TryPeek(out next) || !next.IsInspected)
                {
                    _starting = false;
                    return;
                }

                _arrived.Dequeue();
            }

            try
            {
                Start(next);
            }
            catch (Exception error)
            {
                _server.ReportFault(connection, error);
                connection.Abort();
            }
        }
    }

    private void Start(SmbRequest request)
    {
        if (!connection.IsAlive)
        {
            responses.Forget(request);
            return;
        }

        if (request.Violation is { } violation)
        {
            connection.Violate(violation);
            responses.Forget(request);
            return;
        }

        if (MessageInspection.IsSmb1(request))
        {
            StartSmb1(request);
            return;
        }

        request.BeginElements();
        if (request.Header.Command == Smb2Command.Cancel)
        {
            Cancel(request);
            return;
        }

        if (!TryUseIds(request))
        {
            if (request.IsEncrypted || request.IsElementVerified) _server.ReportRefusal(connection, SmbRefusal.Replayed);
            connection.Violate($"message id {request.Header.MessageId} was not granted");
            responses.Forget(request);
            return;
        }

        _running.Add(request);
        Carry(request);
    }

    private void Carry(SmbRequest request)
    {
        NtStatus status;
        do
        {
            var command = RequestChecks.Admit(request, out status);
            _server.Metrics.SmbRequest(request.Header.Command);
            if (command is null) continue;

            request.StartedTimestamp = _server.Metrics.SmbDuration.Enabled ? _server.Time.GetTimestamp() : 0;
            if (!request.TryRun(command.Handler, out status)) return;
        }
        while (Finish(request, status));
    }

    // Answers the current element; true when there is another one to carry out.
    private bool Finish(SmbRequest request, NtStatus status)
    {
        if (request.IsPendRefused && status == NtStatus.InsufficientResources) status = NtStatus.InternalError;
        _server.ReportEnd(request, status);
        if (request.MustNotTell(status)) connection.Abort();
        if (request.IsDropped || !connection.IsAlive)
        {
            Forget(request);
            return false;
        }

        ResponseAssembly.Answer(request, status);
        request.EndPending();
        if (request.Header.Command == Smb2Command.Create && status.IsError) request.ChainFailure = status;
        if (request.HasNext)
        {
            request.Response.NextElement();
            request.NextElement();
            return true;
        }

        // Windows pads the last one too, and clients have come to expect it.
        if (request.IsCompound) request.Response.Align(CompoundAlignment);
        _running.Remove(request);
        if (request.IsOnReader && request.Response.End >= OffloadBytes && ResponseAssembly.IsCostly(request))
            ThreadPool.UnsafeQueueUserWorkItem(Send, request, preferLocal: false);
        else
            Send(request);
        return false;
    }

    private void Send(SmbRequest request)
    {
        var bytes = ResponseAssembly.Complete(request, _window);
        responses.Answer(request, bytes);
    }

    private void Forget(SmbRequest request)
    {
        _running.Remove(request);
        responses.Forget(request);
    }

    // MS-SMB2 3.3.5.16: no response, and no message id of its own.
    private void Cancel(SmbRequest request)
    {
        if (RequestChecks.MayCancel(request))
        {
            if (request.Header.IsAsync)
                _running.CancelPending(request.Header.AsyncId);
            else
                _running.CancelMessage(request.Header.MessageId);
        }

        responses.Forget(request);
    }

    // MS-SMB2 3.3.5.2.3: one id outside the window, or used before, and the client is not to be trusted with the rest.
    private bool TryUseIds(SmbRequest request)
    {
        var message = request.Received;
        while (Smb2Header.TryParse(message, out var header))
        {
            if (header.Command != Smb2Command.Cancel && !_window.TryUse(header.MessageId, connection.ChargeOf(header))) return false;
            if (header.NextCommand == 0) return true;

            message = message[(int)header.NextCommand..];
        }

        return false;
    }

    // MS-SMB2 3.3.5.3: the one message of SMB 1 that is answered.
    private void StartSmb1(SmbRequest request)
    {
        if (!Smb1Negotiate.TryParse(request.Received, out var offer)
            || !(offer.OffersWildcard || offer.OffersSmb202)
            || !connection.TryBeginMultiProtocol()
            || !_window.TryUse(0, 1))
        {
            connection.Violate("SMB 1");
            responses.Forget(request);
            return;
        }

        request.BeginSmb1();
        _running.Add(request);
        Finish(request, Negotiate.AnswerSmb1(request, offer));
    }
}
