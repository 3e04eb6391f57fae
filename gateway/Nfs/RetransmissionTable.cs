using System.Runtime.InteropServices;
using Gateway.Nfs.Rpc;

namespace Gateway.Nfs;

/// <summary>
/// Tells a retransmission from an equal request of another client behind the same address (PROTOCOL §7.1).
/// </summary>
/// <remarks>
/// <para>A client sends a request again on the same connection, or on a new one because the old one broke. So an equal
/// request on a newer connection is somebody else's while the older one is in use: alive, and heard of after the newer
/// one's first call. Alive alone is not enough: a client whose network was cut comes back long before we learn that its old
/// connection is dead. Equal requests of different clients get different ordinals, hence different recorded replies.</para>
/// <para>On the older connection it is a late copy: TCP goes on sending what a client wrote before it gave the connection
/// up, and brings it when the network is whole again, while the client is long served on the newer one. To carry that out
/// would do the change twice. That another client on an older connection sends an equal request, and sends it later, is told
/// by nothing from this; it gets the same answer.</para>
/// <para>A fixed number of slots, direct mapped: an entry that another one displaced only means that the next equal
/// request is taken for a retransmission. Threading: any.</para>
/// </remarks>
internal sealed class RetransmissionTable
{
    private const int Slots = 1 << 15;

    /// <summary>
    /// Clients with equal requests that are told apart; of more than that the replies are not recorded.
    /// </summary>
    private const int OrdinalsMax = 4;

    private readonly Lock _gate = new();
    private readonly Entry[] _entries = new Entry[Slots];

    /// <summary>
    /// The ordinal under which to record; false when the request cannot be told from those of others.
    /// </summary>
    public bool TryNumber(in RequestKey key, RpcPeer peer, out byte ordinal)
    {
        Span<byte> bytes = stackalloc byte[RequestKey.Bytes];
        key.Write(bytes);
        var hash = new HashCode();
        hash.AddBytes(bytes);
        var slot = hash.ToHashCode();
        var check = Fold(bytes);
        for (ordinal = 0; ordinal < OrdinalsMax; ordinal++)
        {
            lock (_gate)
            {
                ref var entry = ref _entries[(slot + (ordinal * 0x9E37L)) & (Slots - 1)];
                if (entry.Check == (check ^ ordinal) && entry.Peer is { IsAlive: true } other)
                {
                    if (!IsNewer(peer, than: other)) return true;
                    if (IsInUse(other, peer)) continue;
                }

                entry = new Entry(check ^ ordinal, peer);
                return true;
            }
        }

        return false;
    }

    private static bool IsNewer(RpcPeer peer, RpcPeer than) => peer.FirstCallTimestamp > than.FirstCallTimestamp;

    // A connection's first call may cross with a late copy on the older one.
    private static bool IsInUse(RpcPeer older, RpcPeer peer) =>
        older.LastCallTimestamp > peer.FirstCallTimestamp && peer.LastCallTimestamp > peer.FirstCallTimestamp;

    private static ulong Fold(ReadOnlySpan<byte> bytes)
    {
        var folded = 0UL;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) folded ^= word;
        return folded;
    }

    private readonly record struct Entry(ulong Check, RpcPeer? Peer);
}
