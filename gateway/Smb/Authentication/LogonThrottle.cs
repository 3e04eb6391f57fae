using System.Net;
using System.Net.Sockets;

namespace Gateway.Smb.Authentication;

/// <summary>
/// Makes guessing passwords slow: after a few failures, attempts on a user from an address wait for each other, longer each
/// time, and so do all attempts from an address with many failures. Nobody else waits.
/// </summary>
/// <remarks>
/// Names count whether there is such a user or not, so nothing can be learnt from the delay. What is kept is bounded: the
/// oldest failure gives way. Threading: any.
/// </remarks>
internal sealed class LogonThrottle(TimeProvider time)
{
    public const int EntriesMax = 4096;

    private const int FreeFailuresOfUser = 3;
    private const int FreeFailuresOfAddress = 30;

    /// <summary>Attempts that would have to wait longer are refused at once, so that few wait at a time.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(6);

    /// <summary>What Windows takes between failed attempts of one client.</summary>
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MemoryOfFailures = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string User, IPAddress Address), Entry> _users = new(new KeyComparer());
    private readonly Dictionary<IPAddress, Entry> _addresses = [];

    public int Entries
    {
        get
        {
            lock (_gate) return _users.Count + _addresses.Count;
        }
    }

    /// <summary>How long an attempt has to wait before it is looked at; null when it is refused.</summary>
    public TimeSpan? Reserve(string user, IPAddress address)
    {
        var network = Network(address);
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var ofUser = Find(_users, (user, network), now);
            var ofAddress = Find(_addresses, network, now);
            var wait = Max(WaitOf(ofUser, now), WaitOf(ofAddress, now));
            if (wait > WaitMax) return null;

            Occupy(ofUser, FreeFailuresOfUser, now, wait);
            Occupy(ofAddress, FreeFailuresOfAddress, now, wait);
            return wait;
        }
    }

    /// <summary>Counts a failure; true when it is worth a line in the log: the first, second, fourth, … of its kind.</summary>
    public bool Failed(string user, IPAddress address)
    {
        var network = Network(address);
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var ofUser = Count(_users, (user, network), FreeFailuresOfUser, now);
            var ofAddress = Count(_addresses, network, FreeFailuresOfAddress, now);
            return int.IsPow2(ofUser) && (ofAddress <= FreeFailuresOfAddress || int.IsPow2(ofAddress));
        }
    }

    /// <summary>The user is forgiven; the address is not, or one good account would pay for any number of guesses.</summary>
    public void Succeeded(string user, IPAddress address)
    {
        lock (_gate) _users.Remove((user, Network(address)));
    }

    private Entry? Find<TKey>(Dictionary<TKey, Entry> entries, TKey key, long now)
        where TKey : notnull
    {
        if (!entries.TryGetValue(key, out var entry)) return null;
        if (time.GetElapsedTime(entry.Latest, now) <= MemoryOfFailures) return entry;

        entries.Remove(key);
        return null;
    }

    private int Count<TKey>(Dictionary<TKey, Entry> entries, TKey key, int free, long now)
        where TKey : notnull
    {
        var entry = Find(entries, key, now);
        if (entry is null)
        {
            if (entries.Count >= EntriesMax) entries.Remove(entries.MinBy(pair => pair.Value.Latest).Key);
            entries[key] = entry = new Entry { Free = now };
        }

        entry.Failures = Math.Min(entry.Failures + 1, int.MaxValue - 1);
        entry.Latest = now;
        var earliest = now + Ticks(Delay(entry.Failures, free));
        entry.Free = Math.Max(entry.Free, earliest);
        return entry.Failures;
    }

    // The next attempt goes behind this one, if the failures of this entry are what slows them down.
    private void Occupy(Entry? entry, int free, long now, TimeSpan wait)
    {
        if (entry is null || Delay(entry.Failures, free) is not { Ticks: > 0 } delay) return;

        entry.Free = Math.Max(entry.Free, now + Ticks(wait + delay));
    }

    private TimeSpan WaitOf(Entry? entry, long now) =>
        entry is null || entry.Free <= now ? TimeSpan.Zero : time.GetElapsedTime(now, entry.Free);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private static TimeSpan Delay(int failures, int free)
    {
        var over = failures - free;
        return over <= 0 ? TimeSpan.Zero : Min(DelayMin * (1 << Math.Min(over, 10)), DelayMax);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    // Whoever has one address of IPv6 has 2^64 of them.
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private sealed class Entry
    {
        public int Failures { get; set; }

        /// <summary>When the latest failure was.</summary>
        public long Latest { get; set; }

        /// <summary>When the next attempt may be looked at.</summary>
        public long Free { get; set; }
    }

    private sealed class KeyComparer : IEqualityComparer<(string User, IPAddress Address)>
    {
        public bool Equals((string User, IPAddress Address) x, (string User, IPAddress Address) y) =>
            x.Address.Equals(y.Address) && StringComparer.OrdinalIgnoreCase.Equals(x.User, y.User);

        public int GetHashCode((string User, IPAddress Address) key) =>
            HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(key.User), key.Address);
    }
}
