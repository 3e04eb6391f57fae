using System.Net.Sockets;
using Gateway.Replication.Links;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Standby;

/// <summary>The way from one gateway to one node, which can be shut (what is on it waits) and broken.</summary>
internal sealed class GatedConnector(string host, int port) : INodeConnector
{
    private readonly Lock _gate = new();
    private readonly List<GatedStream> _streams = [];
    private TaskCompletionSource _open = Opened();
    private bool _broken;

    public string Address => $"{host}:{port}";

    /// <summary>Nothing arrives either way, and nobody is told: a cut, or a peer that is paused.</summary>
    public void Shut()
    {
        lock (_gate)
        {
            if (_open.Task.IsCompleted) _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Open()
    {
        lock (_gate) _open.TrySetResult();
    }

    /// <summary>All connections are reset, and no new ones are made: the process is gone.</summary>
    public void Break()
    {
        GatedStream[] streams;
        lock (_gate)
        {
            _broken = true;
            streams = [.. _streams];
            _streams.Clear();
        }

        foreach (var stream in streams) stream.Dispose();
        Open();
    }

    public async ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation)
    {
        await PassAsync(cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new GatedStream(new NetworkStream(socket, ownsSocket: true), this);
        lock (_gate)
        {
            if (_broken)
            {
                stream.Dispose();
                throw new IOException("broken");
            }

            _streams.RemoveAll(open => open.IsDisposed);
            _streams.Add(stream);
        }

        return new StreamTransport(stream, stream, link.OutboxBytesMax, stream);
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private Task PassAsync(CancellationToken cancellation)
    {
        lock (_gate) return _open.Task.WaitAsync(cancellation);
    }

    private sealed class GatedStream(NetworkStream inner, GatedConnector way) : Stream
    {
        public bool IsDisposed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            await way.PassAsync(cancellationToken);
            return count;
        }

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await way.PassAsync(cancellationToken);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
