using System.Buffers.Binary;
using System.Net;
using System.Text;
using Gateway.Protocol.Nfs3;

namespace Gateway.Drills;

/// <summary>
/// Writes a counter into a file of a volume again and again, each time durably, and reconnects whenever it must: what a hard
/// mount does. Notes the longest time in which nothing was acknowledged.
/// </summary>
/// <remarks>One loop; what it found is read after it has ended.</remarks>
internal sealed class WriteProbe(IReadOnlyList<IPEndPoint> servers, string export, string fileName, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WritePause = TimeSpan.FromMilliseconds(2);

    private readonly byte[] _content = new byte[sizeof(ulong)];
    private uint _nextXid = 0x6E67_0000;
    private int _server;
    private long _lastAcknowledged;
    private Nfs3Handle _root;
    private Nfs3Handle _file;

    public ulong Acknowledged { get; private set; }

    /// <summary>The longest time without an acknowledgement.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Makes the file.</summary>
    /// <exception cref="IOException">It cannot be made: there is nothing to measure.</exception>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        using var probe = await FindAsync(cancellation);
        _root = await probe.MountAsync(export, cancellation);
        var result = await probe.CallAsync(
            Nfs3Procedure.Create,
            writer => new CreateArgs
            {
                Where = Where(),
                Mode = Nfs3CreateMode.Unchecked,
                Attributes = new Nfs3SetAttributes { Mode = 0x180 },
            }.Write(writer),
            cancellation);
        if (!NewObjectRes.TryParse(result.Span, out var made) || made.Status != Nfs3Status.Ok || made.Handle is not { } handle)
            throw new IOException($"no file can be made in {export}: {made.Status}");

        _file = handle;
        _lastAcknowledged = time.GetTimestamp();
    }

    /// <summary>Writes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        NfsProbe? probe = null;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                try
                {
                    probe ??= await ConnectAsync(cancellation);
                    await WriteAsync(probe, cancellation);
                    await Task.Delay(WritePause, time, cancellation);
                }
                catch (IOException)
                {
                    probe?.Dispose();
                    probe = null;
                    _server++;
                    await Task.Delay(RetryPause, time, cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The drill is over.
        }
        finally
        {
            probe?.Dispose();
        }
    }

    /// <summary>Reads the file and removes it; false when it does not hold what was acknowledged last, or is about to be.</summary>
    /// <exception cref="IOException">There is no answer.</exception>
    public async Task<bool> EndAsync(CancellationToken cancellation)
    {
        _server = 0;
        using var probe = await FindAsync(cancellation);
        var result = await probe.CallAsync(
            Nfs3Procedure.Read,
            writer => new ReadArgs { Handle = _file.Span, Offset = 0, Count = sizeof(ulong) }.Write(writer),
            cancellation);
        var isRight = ReadRes.TryParse(result.Span, out var read) && read.Content.Length == sizeof(ulong)
            && BinaryPrimitives.ReadUInt64BigEndian(read.Content) - Acknowledged <= 1;
        await probe.CallAsync(Nfs3Procedure.Remove, writer => Where().Write(writer), cancellation);
        return isRight;
    }

    private async Task WriteAsync(NfsProbe probe, CancellationToken cancellation)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_content, Acknowledged + 1);
        var result = await probe.CallAsync(
            Nfs3Procedure.Write,
            writer => new WriteArgs
            {
                Handle = _file.Span,
                Offset = 0,
                Count = sizeof(ulong),
                Stability = Nfs3Stability.FileSync,
                Content = _content,
            }.Write(writer),
            cancellation);
        if (!WriteRes.TryParse(result.Span, out var written) || written.Status != Nfs3Status.Ok)
            throw new IOException($"a write was refused: {written.Status}");

        var now = time.GetTimestamp();
        var gap = time.GetElapsedTime(_lastAcknowledged, now);
        if (gap > LongestGap) LongestGap = gap;
        (_lastAcknowledged, Acknowledged) = (now, Acknowledged + 1);
    }

    // The first that answers: the others stand by.
    private async Task<NfsProbe> FindAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await ConnectAsync(cancellation);
            }
            catch (IOException) when (_server < servers.Count - 1)
            {
                _server++;
            }
        }
    }

    private DirOpArgs Where() => new() { Directory = _root.Span.ToArray(), Name = Encoding.UTF8.GetBytes(fileName) };

    private Task<NfsProbe> ConnectAsync(CancellationToken cancellation)
    {
        var first = _nextXid;
        _nextXid += 0x1_0000;
        return NfsProbe.ConnectAsync(servers[_server % servers.Count], first, Patience, time, cancellation);
    }
}
