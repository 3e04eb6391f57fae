using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Lab.Scenarios.Network;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>
/// Sends a call as a hard mount does: again and again, with its transaction id, to whichever gateway answers. For one thread.
/// </summary>
internal sealed class HardMount(
    SwitchedNetwork network, int host, IReadOnlyList<IPEndPoint> gateways, uint firstXid, TimeSpan? replyMax = null) : IDisposable
{
    private const int ArgumentBytesMax = 64 << 10;

    private static readonly TimeSpan ConnectMax = TimeSpan.FromMilliseconds(400);
    private static readonly RpcCredentials Root = RpcCredentials.Sys(0, 0, [], "scenario");

    private readonly TimeSpan _replyMax = replyMax ?? TimeSpan.FromMilliseconds(800);
    private readonly XdrWriter _call = new(ArgumentBytesMax);
    private RpcConnection? _connection;
    private uint _xid = firstXid;
    private int _gateway = (int)(firstXid >> 16) % gateways.Count;

    /// <summary>When the last call was sent, each time; the answer is to the last.</summary>
    public List<long> Sent { get; } = [];

    /// <summary>Where the last call was answered, by which id it went, and how often.</summary>
    public string Way => string.Create(CultureInfo.InvariantCulture, $"at {gateways[_gateway].Address}, xid {unchecked(_xid - 1):x8}, sent {Sent.Count} times");

    /// <summary>The result, alive until the next call; empty when told to stop while nobody answers.</summary>
    public ReadOnlySpan<byte> Ask(Nfs3Procedure procedure, Action<XdrWriter> write, CancellationToken stop)
    {
        var xid = unchecked(_xid++);
        _call.Truncate(0);
        var start = _call.ReserveUInt32();
        _call.Advance(RpcCall.WriteHeader(
            _call.GetSpan(RpcCall.HeaderBytesMin + RpcBounds.AuthBytesMax), xid, Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)procedure, Root));
        write(_call);
        _call.PatchUInt32(start, (uint)(_call.Length - start - RecordMark.Bytes) | 0x8000_0000);

        Sent.Clear();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _connection ??= new RpcConnection(network.Connect(host, gateways[_gateway], ConnectMax), replyMax: _replyMax);
                Sent.Add(Stopwatch.GetTimestamp());
                _connection.Send(_call.WrittenSpan);
                var reply = _connection.Receive();
                if (!RpcReplyHeader.TryParse(reply, out var header) || header.Xid != xid || !header.Succeeded)
                    throw new IOException($"{procedure} was answered with {header}");
                var result = reply[header.HeaderBytes..];
                if ((Nfs3Status)BinaryPrimitives.ReadUInt32BigEndian(result) != Nfs3Status.JukeBox) return result;
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                _connection?.Dispose();
                _connection = null;
                _gateway = (_gateway + 1) % gateways.Count;
            }

            stop.WaitHandle.WaitOne(10);
        }

        return [];
    }

    /// <summary>Makes a file, and is refused when there is one; null when told to stop while nobody answers.</summary>
    public Nfs3Status? Create(Nfs3Handle directory, string name, CancellationToken stop) => StatusOf(
        Nfs3Procedure.Create,
        writer => new CreateArgs
        {
            Where = NfsShare.Where(directory, name),
            Mode = Nfs3CreateMode.Guarded,
            Attributes = new Nfs3SetAttributes { Mode = ScenarioTree.FileMode },
        }.Write(writer),
        stop);

    /// <summary>Removes a file; null when told to stop while nobody answers.</summary>
    public Nfs3Status? Remove(Nfs3Handle directory, string name, CancellationToken stop) =>
        StatusOf(Nfs3Procedure.Remove, writer => NfsShare.Where(directory, name).Write(writer), stop);

    /// <summary>Whether the name is there; null when told to stop while nobody answers.</summary>
    public Nfs3Status? Look(Nfs3Handle directory, string name, CancellationToken stop) =>
        StatusOf(Nfs3Procedure.Lookup, writer => NfsShare.Where(directory, name).Write(writer), stop);

    public void Dispose()
    {
        _connection?.Dispose();
        _call.Dispose();
    }

    private Nfs3Status? StatusOf(Nfs3Procedure procedure, Action<XdrWriter> write, CancellationToken stop)
    {
        var result = Ask(procedure, write, stop);
        return result.IsEmpty ? null : (Nfs3Status)BinaryPrimitives.ReadUInt32BigEndian(result);
    }
}
