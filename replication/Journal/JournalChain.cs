using Gateway.Replication.Checksums;

namespace Gateway.Replication.Journal;

/// <summary>
/// The running hash that binds an entry to its whole history: two logs with the same chain at an index are equal
/// up to there. It detects mistakes and damage, not malice; the links authenticate the peers.
/// </summary>
public static class JournalChain
{
    /// <summary>The chain before the first entry.</summary>
    public const ulong Origin = 0;

    /// <summary>The chain of an entry that follows an entry with the chain <paramref name="previous"/>.</summary>
    public static ulong Next(
        ulong previous, ulong index, ulong epoch, JournalEntryType type, int payloadBytes, uint payloadCrc32C)
    {
        unchecked
        {
            var hash = Mix(previous ^ 0x9E3779B97F4A7C15);
            hash = Mix(hash ^ index * 0xC2B2AE3D27D4EB4F);
            hash = Mix(hash ^ epoch * 0x165667B19E3779F9);
            return Mix(hash ^ ((ulong)(uint)payloadBytes << 32 | payloadCrc32C) ^ (ulong)type << 56);
        }
    }

    /// <summary>Makes the entry that follows a position. The payload is kept, not copied.</summary>
    public static JournalEntry Follow(
        ulong previousIndex, ulong previousChain, ulong epoch, JournalEntryType type, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > JournalLimits.PayloadBytesMax)
            throw new ArgumentException($"A journal entry has at most {JournalLimits.PayloadBytesMax} bytes.", nameof(payload));

        var crc = Crc32C.Compute(payload.Span);
        return new JournalEntry
        {
            Index = previousIndex + 1,
            Epoch = epoch,
            Chain = Next(previousChain, previousIndex + 1, epoch, type, payload.Length, crc),
            Type = type,
            Payload = payload,
            PayloadCrc32C = crc,
        };
    }

    /// <summary>True when the entry follows a position with this chain. The payload's CRC is not computed again.</summary>
    public static bool Follows(ulong previousChain, JournalEntry entry) =>
        entry.Chain == Next(
            previousChain, entry.Index, entry.Epoch, entry.Type, entry.Payload.Length, entry.PayloadCrc32C);

    // The finaliser of SplitMix64: every input bit changes half of the output bits.
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
            value = (value ^ value >> 27) * 0x94D049BB133111EB;
            return value ^ value >> 31;
        }
    }
}
