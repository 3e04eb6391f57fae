using System.Buffers;

namespace Gateway.FileSystem;

/// <summary>
/// The reply of a request that must take effect exactly once. It becomes a row in the same mutation as the effect, so
/// that a retransmission gets the first answer from any gateway, after any crash (PROTOCOL §7.1).
/// </summary>
/// <remarks>
/// Replies are kept for <see cref="TimeToLive"/> and <see cref="RepliesPerClientMax"/> per client, <see
/// cref="RepliesMax"/> in all; the oldest go first. Only successes become rows; a request that was refused is remembered in
/// memory, and its late copies are refused alike.
/// </remarks>
public abstract class RecordedReply
{
    public const int ClientBytesMax = 64;

    public const int RequestBytesMax = 128;

    public const int ReplyBytesMax = 4096;

    public const int RepliesPerClientMax = 4096;

    public const int RepliesMax = 1 << 17;

    public static TimeSpan TimeToLive { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Who asked: everything that is bounded together. 1 to 64 bytes.</summary>
    public abstract ReadOnlySpan<byte> Client { get; }

    /// <summary>
    /// What tells requests of the client apart: transaction id, procedure, checksum, credential. 1 to 128 bytes.
    /// </summary>
    public abstract ReadOnlySpan<byte> Request { get; }

    /// <summary>The bytes of the reply, once the operation succeeded; empty when it failed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>True when the operation had been done before and <see cref="Bytes"/> is its first answer.</summary>
    public bool IsReplayed { get; private set; }

    /// <summary>
    /// Encodes the reply of a success. Runs in the volume's sequencer: pure, quick, at most
    /// <see cref="ReplyBytesMax"/> bytes.
    /// </summary>
    protected internal abstract void Encode(ChangeResult result, IBufferWriter<byte> destination);

    /// <summary>Too old to be found; both in nanoseconds of the volume's clock.</summary>
    internal static bool IsExpired(long clock, long now) => now - clock > TimeToLive.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The mutation's outcome is not known to be durable.</summary>
    internal void Forget() => Keep(default, replayed: false);

    internal void Keep(ReadOnlyMemory<byte> bytes, bool replayed)
    {
        Bytes = bytes;
        IsReplayed = replayed;
    }
}
