using Gateway.FileSystem.Locks;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nlm4;

namespace Gateway.Nfs.Locks;

/// <summary>A share request taken out of its buffer. Immutable.</summary>
internal sealed class ShareCall
{
    public ShareCall(RpcContext call, in Nlm4ShareArgs args)
    {
        Cookie = args.Cookie.ToArray();
        Handle = args.Handle.ToArray();
        Access = args.Access.ToShareAccess();
        Deny = args.Deny.ToShareAccess();
        Client = new LockClient(call.PeerAddress, args.CallerName);
        Owner = LockOwners.Of(Client, 0, args.OwnerHandle);
    }

    public byte[] Cookie { get; }

    public byte[] Handle { get; }

    public ShareAccess Access { get; }

    public ShareAccess Deny { get; }

    public LockClient Client { get; }

    public LockOwner Owner { get; }
}
