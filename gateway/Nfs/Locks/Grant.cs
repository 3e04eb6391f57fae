using System.Net;
using System.Security.Cryptography;
using Gateway.FileSystem.Locks;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Locks;

/// <summary>A lock that is held for a client which has not heard of it yet. Owned by its client's call-backs.</summary>
internal sealed class Grant(LockCall wanted, LockRequest request, ByteRangeLocks locks, bool byMessage)
{
    private const int CookieBytes = 16;

    public LockRequest Request { get; } = request;

    public ByteRangeLocks Locks { get; } = locks;

    public IPAddress Address { get; } = wanted.Client.Address;

    /// <summary>The client knows us by this address and takes call-backs from no other.</summary>
    public IPAddress From { get; } = wanted.ReachedAddress;

    /// <summary>The client answers with a message of its own, which names this cookie.</summary>
    public bool ByMessage { get; } = byMessage;

    /// <summary>Ours, and not to be guessed: whoever answers with it has been told.</summary>
    public byte[] Cookie { get; } = RandomNumberGenerator.GetBytes(CookieBytes);

    public int Attempts { get; set; }

    public long DueTimestamp { get; set; }

    /// <summary>
    /// An attempt was sent and not answered: the client may have taken the lock and would deny a second call for it. From then
    /// on a denial does not prove that the lock is unwanted.
    /// </summary>
    public bool MayBeKnown { get; set; }

    /// <summary>The arguments of GRANTED: the lock exactly as it was asked for (XNFS, NLM_GRANTED).</summary>
    public void WriteArguments(XdrWriter writer) =>
        new Nlm4TestArgs
        {
            Cookie = Cookie,
            Exclusive = wanted.Exclusive,
            Lock = new Nlm4Lock
            {
                CallerName = wanted.CallerName,
                Handle = wanted.Handle,
                OwnerHandle = wanted.OwnerHandle,
                Svid = wanted.Svid,
                Offset = wanted.Offset,
                Length = wanted.Length,
            },
        }.Write(writer);
}
