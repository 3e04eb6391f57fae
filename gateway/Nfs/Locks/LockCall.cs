using System.Net;
using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nlm4;

namespace Gateway.Nfs.Locks;

/// <summary>A lock request taken out of its buffer, for all that goes on after the first wait. Immutable.</summary>
internal sealed class LockCall
{
    private LockCall(RpcContext call, ReadOnlySpan<byte> cookie, in Nlm4Lock alock, bool exclusive)
    {
        Cookie = cookie.ToArray();
        Handle = alock.Handle.ToArray();
        OwnerHandle = alock.OwnerHandle.ToArray();
        CallerName = alock.CallerName.ToArray();
        Svid = alock.Svid;
        Offset = alock.Offset;
        Length = alock.Length;
        Exclusive = exclusive;
        ReachedAddress = call.Peer.LocalAddress;
        Client = new LockClient(call.PeerAddress, alock.CallerName);
        Owner = LockOwners.Of(Client, Svid, OwnerHandle);
    }

    public byte[] Cookie { get; }

    public byte[] Handle { get; }

    public byte[] OwnerHandle { get; }

    public byte[] CallerName { get; }

    public int Svid { get; }

    public ulong Offset { get; }

    /// <summary>As sent: 0 means to the end.</summary>
    public ulong Length { get; }

    public bool Exclusive { get; }

    public bool Block { get; private init; }

    /// <summary>The client's status monitor number, 0 when it does not say.</summary>
    public int State { get; private init; }

    public LockClient Client { get; }

    public LockOwner Owner { get; }

    /// <summary>The address of ours that the client knows: it takes call-backs from no other.</summary>
    public IPAddress ReachedAddress { get; }

    /// <summary>False when the range passes the largest offset a file can have: NLM4_FBIG.</summary>
    public bool IsInRange =>
        Offset <= (ulong)FileSystemLimits.FileBytesMax
        && (Length == 0 || Length - 1 <= (ulong)FileSystemLimits.FileBytesMax - Offset);

    public LockRange Range => LockRange.Of(Offset, Length);

    public static LockCall Of(RpcContext call, in Nlm4TestArgs args) => new(call, args.Cookie, args.Lock, args.Exclusive);

    public static LockCall Of(RpcContext call, in Nlm4LockArgs args) =>
        new(call, args.Cookie, args.Lock, args.Exclusive) { Block = args.Block, State = args.State };

    public static LockCall Of(RpcContext call, in Nlm4CancelArgs args) =>
        new(call, args.Cookie, args.Lock, args.Exclusive) { Block = args.Block };

    public static LockCall Of(RpcContext call, in Nlm4UnlockArgs args) => new(call, args.Cookie, args.Lock, exclusive: true);

    public LockRequest Request(NodeId node) => new(node, Owner, Range, Exclusive);
}
