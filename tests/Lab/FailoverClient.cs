using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab;

/// <summary>
/// A client that creates and removes files as a hard mount does: a call is sent again, with its transaction id, to whichever
/// gateway answers, until it is answered. A second execution would be refused by name, and be seen.
/// </summary>
internal sealed class FailoverClient(LabNetwork network, IReadOnlyList<IPEndPoint> gateways, int number) : IDisposable
{
    private const int StatusAt = 24;

    private static readonly TimeSpan ReplyMax = TimeSpan.FromMilliseconds(250);

    private readonly List<string> _there = [];
    private readonly List<string> _errors = [];
    private readonly CancellationTokenSource _stop = new();
    private NfsShare? _share;
    private RpcConnection? _connection;
    private Thread? _thread;
    private int _gateway;
    private int _names;
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Answers that no client may get.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Longest time between two answers since it was last set to zero.</summary>
    public TimeSpan LongestGap { get; set; }

    /// <param name="share">Mounted from the gateway that serves now.</param>
    public void Start(NfsShare share)
    {
        _share = share;
        _thread = new Thread(Run) { IsBackground = true, Name = $"failover client {number}" };
        _thread.Start();
    }

    public void Stop()
    {
        _stop.Cancel();
        _thread?.Join();
    }

    /// <summary>Files that were created and are not there; call it after <see cref="Stop"/>.</summary>
    public IEnumerable<string> Missing(NfsShare share) =>
        _there.Where(name => share.Lookup(share.Root, name).Status != Nfs3Status.Ok);

    public void Dispose()
    {
        Stop();
        _connection?.Dispose();
        _share?.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        var last = Stopwatch.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            var removes = _there.Count > 20;
            var name = removes ? _there[0] : string.Create(CultureInfo.InvariantCulture, $"f{number}-{_names++}");
            if (Answer(removes ? Remove(name) : Create(name)) is not { } status) return;

            var now = Stopwatch.GetTimestamp();
            var gap = Stopwatch.GetElapsedTime(last, now);
            if (gap > LongestGap) LongestGap = gap;
            last = now;
            if (status != Nfs3Status.Ok) _errors.Add($"{(removes ? "REMOVE" : "CREATE")} {name}: {status}");
            if (removes) _there.RemoveAt(0);
            else _there.Add(name);
            Interlocked.Increment(ref _acknowledged);
        }
    }

    private byte[] Create(string name) => Call(Nfs3Procedure.Create, writer => new CreateArgs
    {
        Where = NfsShare.Where(_share!.Root, name),
        Mode = Nfs3CreateMode.Guarded,
        Attributes = new Nfs3SetAttributes { Mode = 0x1A4 },
    }.Write(writer));

    private byte[] Remove(string name) =>
        Call(Nfs3Procedure.Remove, writer => NfsShare.Where(_share!.Root, name).Write(writer));

    private byte[] Call(Nfs3Procedure procedure, Action<Protocol.Wire.XdrWriter> write)
    {
        var writer = _share!.Connection.BeginCall(
            _share.NextXid(), Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)procedure, out var start);
        write(writer);
        return _share.Connection.TakeCall(start);
    }

    // Null when told to stop while nobody answers.
    private Nfs3Status? Answer(byte[] call)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _connection ??= network.Enter(() => new RpcConnection(gateways[_gateway], replyMax: ReplyMax));
                _connection.Send(call);
                var status = (Nfs3Status)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(
                    _connection.Receive()[StatusAt..]);
                if (status != Nfs3Status.JukeBox) return status;
                _stop.Token.WaitHandle.WaitOne(10);
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                _connection?.Dispose();
                _connection = null;
                _gateway = (_gateway + 1) % gateways.Count;
                _stop.Token.WaitHandle.WaitOne(5);
            }
        }

        return null;
    }
}
