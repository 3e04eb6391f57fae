using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.NfsClient;

/// <summary>Takes the result of one call; <paramref name="tag"/> is what the caller gave with it.</summary>
public delegate void ReplyHandler(long tag, ReadOnlySpan<byte> result);

/// <summary>Keeps up to a given number of NFS calls under way on one connection and matches replies to calls.</summary>
/// <remarks>For one thread. A transaction id is used once: the place of the call below, a count above.</remarks>
public sealed class CallPipeline
{
    private const int PlacesMax = 256;

    private readonly RpcConnection _connection;
    private readonly long[] _tags;
    private readonly uint[] _xids;
    private readonly Stack<int> _free = new();
    private uint _count;

    /// <param name="connection">Used by nobody else.</param>
    /// <param name="depth">Calls under way at most, up to 256.</param>
    /// <param name="firstXid">Where counting begins: a server may remember the ids of a client before.</param>
    public CallPipeline(RpcConnection connection, int depth, uint firstXid)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, PlacesMax);
        _connection = connection;
        _tags = new long[depth];
        _xids = new uint[depth];
        _count = firstXid >> 8;
        for (var place = depth - 1; place >= 0; place--)
            _free.Push(place);
    }

    public int InFlight => _tags.Length - _free.Count;

    public bool IsFull => _free.Count == 0;

    public XdrWriter Begin(Nfs3Procedure procedure, long tag, out int start)
    {
        var place = _free.Pop();
        var xid = (unchecked(_count++) << 8) | (uint)place;
        _tags[place] = tag;
        _xids[place] = xid;
        return _connection.BeginCall(xid, Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)procedure, out start);
    }

    public void End(int start) => _connection.EndCall(start);

    /// <summary>Waits for one reply, whichever comes first.</summary>
    /// <exception cref="IOException">The connection broke, or the server said what is no such reply.</exception>
    public void Receive(ReplyHandler handler)
    {
        var record = _connection.Receive();
        if (!RpcReplyHeader.TryParse(record, out var header) || !header.Succeeded)
            throw new IOException($"The server refused a call: {header}");

        var place = (int)(header.Xid & (PlacesMax - 1));
        if (place >= _xids.Length || _xids[place] != header.Xid)
            throw new IOException($"A reply to no call: {header.Xid:x8}");

        _xids[place] = 0;
        _free.Push(place);
        handler(_tags[place], record[header.HeaderBytes..]);
    }

    /// <summary>Waits until at most <paramref name="inFlight"/> calls are under way.</summary>
    public void Drain(int inFlight, ReplyHandler handler)
    {
        while (InFlight > inFlight)
            Receive(handler);
    }
}
