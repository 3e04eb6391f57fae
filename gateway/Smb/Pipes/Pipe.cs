using System.Runtime.InteropServices;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Pipes;

/// <summary>One open of a named pipe in message mode: what is written are calls, what is read are their answers.</summary>
/// <remarks>
/// Threading: any. Writes are carried out one after the other, in the order they came in; reads that find nothing wait for
/// the next answer, or for the end of the pipe. The queue of answers is bounded by refusing calls while it is long.
/// </remarks>
internal sealed class Pipe : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PipeServer _server;
    private readonly RpcAssociation _association;
    private readonly Queue<byte[]> _answers = [];
    private Task _lastWrite = Task.CompletedTask;
    private TaskCompletionSource? _arrival;
    private int _headRead;
    private int _unread;
    private bool _isBroken;
    private bool _isClosed;

    internal Pipe(PipeServer server, RpcAssociation association)
    {
        _server = server;
        _association = association;
    }

    /// <summary>Bytes that a read would find, in all messages.</summary>
    public int ReadableBytes
    {
        get
        {
            lock (_gate) return _unread;
        }
    }

    /// <summary>Bytes left of the first message; 0 when there is none.</summary>
    public int MessageBytes
    {
        get
        {
            lock (_gate) return _answers.TryPeek(out var head) ? head.Length - _headRead : 0;
        }
    }

    /// <summary>Takes a whole message, or a part of one as old clients write it.</summary>
    public async ValueTask<NtStatus> WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            before = _lastWrite;
            _lastWrite = done.Task;
        }

        await before;
        try
        {
            lock (_gate)
            {
                if (_isClosed || _isBroken) return NtStatus.PipeDisconnected;
                if (_unread > PipeLimits.UnreadBytesMax) return NtStatus.PipeBusy;
            }

            var answers = new List<byte[]>();
            var isIntact = await _association.ReceiveAsync(message, answers, cancellation);
            Add(answers, isIntact);
            return NtStatus.Success;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // A call without an answer: the association cannot go on.
            Add([], isIntact: false);
            return NtStatus.Cancelled;
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <summary>
    /// Reads from the first message. <paramref name="pending"/> is called once when there is none yet and the read waits.
    /// </summary>
    public async ValueTask<PipeReading> ReadAsync(Memory<byte> into, Action pending, CancellationToken cancellation)
    {
        Action? notYetCalled = pending;
        while (true)
        {
            Task arrival;
            lock (_gate)
            {
                if (_answers.Count > 0) return Take(into.Span);
                if (_isClosed || _isBroken) return new PipeReading(NtStatus.PipeDisconnected, 0);

                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
            }

            notYetCalled?.Invoke();
            notYetCalled = null;
            try
            {
                await arrival.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return new PipeReading(NtStatus.Cancelled, 0);
            }
        }
    }

    public void Dispose()
    {
        TaskCompletionSource? arrival;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            _answers.Clear();
            _unread = 0;
            arrival = _arrival;
            _arrival = null;
        }

        arrival?.SetResult();
        _server.Leave();
    }

    /// <inheritdoc cref="PipeServer.TryOpen"/>
    public static NtStatus TryOpen(SmbRequest request, string name, out Pipe? pipe) =>
        request.Server.Pipes.TryOpen(name, PipeCaller.Of(request.Session), out pipe);

    /// <inheritdoc cref="PipeServer.Exists"/>
    public static bool Exists(string name) => PipeServer.Exists(name);

    private void Add(List<byte[]> answers, bool isIntact)
    {
        TaskCompletionSource? arrival = null;
        lock (_gate)
        {
            if (_isClosed) return;
            foreach (var answer in CollectionsMarshal.AsSpan(answers))
            {
                _answers.Enqueue(answer);
                _unread += answer.Length;
            }

            _isBroken = !isIntact;
            if (answers.Count > 0 || _isBroken) (arrival, _arrival) = (_arrival, null);
        }

        arrival?.SetResult();
    }

    private PipeReading Take(Span<byte> into)
    {
        var message = _answers.Peek().AsSpan(_headRead);
        if (into.Length < message.Length)
        {
            message[..into.Length].CopyTo(into);
            _headRead += into.Length;
            _unread -= into.Length;
            return new PipeReading(NtStatus.BufferOverflow, into.Length);
        }

        message.CopyTo(into);
        _answers.Dequeue();
        _headRead = 0;
        _unread -= message.Length;
        return new PipeReading(NtStatus.Success, message.Length);
    }
}
