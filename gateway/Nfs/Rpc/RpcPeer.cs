using System.Net;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Nfs.Rpc;

/// <summary>The far end of one connection: who it is and whether it is still there.</summary>
/// <remarks>
/// Safe to keep after the connection has ended, and small.
/// </remarks>
internal sealed class RpcPeer(long id, IPEndPoint remote, IPEndPoint local, bool isDatagram = false)
{
    private volatile bool _closed;
    private Admission[] _admissions = [];
    private long _lastCall;

    /// <summary>Unique within the process; of two connections the younger one has the larger. 0 for datagrams.</summary>
    public long Id { get; } = id;

    /// <summary>The caller's address; IPv4-mapped IPv6 addresses are given as IPv4.</summary>
    public IPAddress Address { get; } =
        remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address;

    public int Port { get; } = remote.Port;

    /// <summary>The address of ours that the caller reached.</summary>
    public IPAddress LocalAddress { get; } =
        local.Address.IsIPv4MappedToIPv6 ? local.Address.MapToIPv4() : local.Address;

    /// <summary>
    /// The call came in a datagram: there is no connection, and a reply must not be longer than what was asked.
    /// </summary>
    public bool IsDatagram { get; } = isDatagram;

    public bool IsAlive => !_closed;

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    internal static RpcPeer Of(ConnectionContext connection, long id) =>
        new(id, (IPEndPoint)connection.RemoteEndPoint!, (IPEndPoint)connection.LocalEndPoint!);

    /// <summary>What the export rules said about callers of this connection. Replaced, never changed.</summary>
    internal Admission[] Admissions
    {
        get => Volatile.Read(ref _admissions);
        set => Volatile.Write(ref _admissions, value);
    }

    /// <summary>
    /// Whether it was let into the volume, as far as is remembered; a peer of more users than are remembered counts as one.
    /// </summary>
    public bool HasUsed(FileTree volume)
    {
        var remembered = Admissions;
        return remembered.Length >= ExportTable.RememberedMax
            || Array.Exists(remembered, admission => ReferenceEquals(admission.Tree, volume));
    }

    /// <summary>When the first and the latest NFS call came, as timestamps of the clock; 0 before.</summary>
    internal long FirstCallTimestamp { get; private set; }

    internal long LastCallTimestamp => Volatile.Read(ref _lastCall);

    /// <summary>Called by the connection's reader only.</summary>
    internal void NoteCall(long timestamp)
    {
        if (FirstCallTimestamp == 0) FirstCallTimestamp = timestamp;
        Volatile.Write(ref _lastCall, timestamp);
    }

    internal void Close() => _closed = true;
}
