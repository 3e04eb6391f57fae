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
/// <param name="servers">Where clients find the volume, before and after.</param>
/// <param name="export">Its path.</param>
/// <param name="fileName">Of the file.</param>
/// <param name="answerMax">How long the beginning and the end wait for a server that answers.</param>
/// <param name="time">Measures.</param>
internal sealed class WriteProbe(
    IReadOnlyList<IPEndPoint> servers, string export, string fileName, TimeSpan answerMax, TimeProvider time)
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

    /// <summary>Makes the file; waits a while for a volume that is just changing its gateway.</summary>
    /// <exception cref="IOException">It cannot be made: there is nothing to measure.</exception>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        var status = await UntilAnsweredAsync(MakeAsync, cancellation);
        if (status != Nfs3Status.Ok) throw new IOException($"no file can be made in {export}: {status}");
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

    /// <summary>
    /// Reads the file and removes it; false when it does not hold what was acknowledged last, or is about to be. Waits a while
    /// for the volume, which may be on its way back to the gateway that is wanted.
    /// </summary>
    /// <exception cref="IOException">There is no answer.</exception>
    public async Task<bool> EndAsync(CancellationToken cancellation)
    {
        var isRight = await UntilAnsweredAsync(IsRightAsync, cancellation);
        await UntilAnsweredAsync(RemoveAsync, cancellation);
        return isRight;
    }

    private async Task<Nfs3Status> MakeAsync(NfsProbe probe, CancellationToken cancellation)
    {
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
        if (!NewObjectRes.TryParse(result.Span, out var made)) throw new IOException("what answers is no NFS server");
        if (made.Status != Nfs3Status.Ok) return made.Status;
        if (made.Handle is not { } handle) throw new IOException("a file was made without a handle");

        _file = handle;
        return Nfs3Status.Ok;
    }

    private async Task<bool> IsRightAsync(NfsProbe probe, CancellationToken cancellation)
    {
        var result = await probe.CallAsync(
            Nfs3Procedure.Read,
            writer => new ReadArgs { Handle = _file.Span, Offset = 0, Count = sizeof(ulong) }.Write(writer),
            cancellation);
        if (!ReadRes.TryParse(result.Span, out var read) || read.Content.Length != sizeof(ulong)) return false;

        var held = BinaryPrimitives.ReadUInt64BigEndian(read.Content);
        return held == Acknowledged || held == Acknowledged + 1;
    }

    // Sent again after a lost answer it finds nothing to remove: as good.
    private async Task<bool> RemoveAsync(NfsProbe probe, CancellationToken cancellation)
    {
        await probe.CallAsync(Nfs3Procedure.Remove, writer => Where().Write(writer), cancellation);
        return true;
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

    // One server after the other, because all but one stand by, and again, because none serves while a volume changes hands.
    private async Task<T> UntilAnsweredAsync<T>(Func<NfsProbe, CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                using var probe = await ConnectAsync(cancellation);
                return await ask(probe, cancellation);
            }
            catch (IOException) when (time.GetElapsedTime(began) < answerMax)
            {
                _server++;
                await Task.Delay(RetryPause, time, cancellation);
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
