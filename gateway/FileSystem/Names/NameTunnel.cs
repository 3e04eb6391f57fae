using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Gateway.FileSystem.Names;

/// <summary>
/// Long names that were just given up: a program that knows only the short one saves by removing the file, or moving it
/// away, and making it again, and the file is to have its long name back (MS-FSA 2.1.5.1.1, TunnelCacheList).
/// </summary>
/// <remarks>Threading: any. Only the name is kept, not the time of creation that NTFS gives back as well.</remarks>
internal sealed class NameTunnel(TimeProvider clock)
{
    /// <summary>More would be more than anybody saves within the time.</summary>
    public const int NamesMax = 1024;

    /// <summary>As NTFS.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(15);

    private readonly Lock _sync = new();
    private readonly Queue<Entry> _entries = new();

    /// <summary>The name of a file goes.</summary>
    public void Keep(NodeId directory, ReadOnlySpan<byte> name)
    {
        if (ShortName.Of(name) is not { } shortName) return;

        var entry = new Entry(directory, shortName, name.ToArray(), clock.GetTimestamp());
        lock (_sync)
        {
            Expire();
            if (_entries.Count == NamesMax) _entries.Dequeue();
            _entries.Enqueue(entry);
        }
    }

    /// <summary>
    /// The long name that a new file is to have instead of this one. It is given once: who asks again means what he says.
    /// </summary>
    public bool TryTake(NodeId directory, ReadOnlySpan<byte> shortName, [NotNullWhen(true)] out byte[]? name)
    {
        name = null;
        if (!ShortName.IsMade(shortName, out _)) return false;

        var wanted = Encoding.ASCII.GetString(shortName);
        lock (_sync)
        {
            Expire();
            for (var count = _entries.Count; count > 0; count--)
            {
                var entry = _entries.Dequeue();
                if (name is null && entry.Directory == directory && entry.ShortName.Equals(wanted, StringComparison.OrdinalIgnoreCase))
                    name = entry.Name;
                else
                    _entries.Enqueue(entry);
            }
        }

        return name is not null;
    }

    private void Expire()
    {
        while (_entries.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.Since) > TimeMax) _entries.Dequeue();
    }

    private readonly record struct Entry(NodeId Directory, string ShortName, byte[] Name, long Since);
}
