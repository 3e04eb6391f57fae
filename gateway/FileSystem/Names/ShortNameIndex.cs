using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;

namespace Gateway.FileSystem.Names;

/// <summary>
/// Finds long names by their short ones. No row does: most clients never ask, and every create would pay. A directory is
/// walked through when somebody asks first; later questions walk through what was added since.
/// </summary>
/// <remarks>
/// <para>Threading: any. Directories are walked outside the lock, so two that ask at the same time may both do it.</para>
/// <para>What was found is looked up again in the rows, so names that are gone meanwhile do no harm; they stay until all is
/// forgotten because it has become too much. Cookies grow and are not used again, so nothing that was added is missed.</para>
/// </remarks>
internal sealed class ShortNameIndex(int namesMax = ShortNameIndex.NamesMax)
{
    /// <summary>Long names remembered, of all directories together: at most 64 MiB. Those of a larger directory are not found.</summary>
    public const int NamesMax = 1 << 20;

    /// <summary>A directory takes as much memory as so many names, also when it has none.</summary>
    private const int DirectoryWeight = 16;

    private readonly Lock _sync = new();
    private readonly Dictionary<ulong, Directory> _directories = [];
    private int _weight;

    /// <summary>The oldest name of the directory that has this short one.</summary>
    public bool TryFind(
        IRowReader rows, ulong directory, ReadOnlySpan<byte> shortName, out NameLink link, out ReadOnlyMemory<byte> name)
    {
        (link, name) = (default, default);
        if (!ShortName.IsMade(shortName, out var number)) return false;

        foreach (var cookie in Candidates(rows, directory, number))
        {
            Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
            if (!rows.TryGet(RowKeys.Two(key, RowKeys.EntryPrefix, directory, cookie), out var entry)) continue;

            var (inode, type) = NodeRows.ReadEntry(entry, out var stored);
            if (!ShortName.IsOf(shortName, stored)) continue;

            link = new NameLink(inode, cookie, type);
            name = stored.ToArray();
            return true;
        }

        return false;
    }

    private List<ulong> Candidates(IRowReader rows, ulong directory, uint number)
    {
        while (true)
        {
            ulong from;
            int room;
            lock (_sync)
            {
                var known = _directories.GetValueOrDefault(directory);
                from = known?.End ?? FileSystemLimits.FirstEntryCookie;
                room = namesMax - (known?.Count ?? 0);
            }

            var added = Walk(rows, directory, from, room, out var end);
            lock (_sync)
            {
                if (_weight + added.Count > namesMax) Forget();
                if (!_directories.TryGetValue(directory, out var known))
                {
                    _directories.Add(directory, known = new Directory());
                    _weight += DirectoryWeight;
                }

                if (known.End == from) Add(known, added, end);

                // Otherwise all was forgotten meanwhile, or another one walked, and less far.
                if (known.End >= end) return known.Find(number);
            }
        }
    }

    private static List<(uint Number, ulong Cookie)> Walk(IRowReader rows, ulong directory, ulong from, int room, out ulong end)
    {
        var found = new List<(uint, ulong)>();
        end = from;
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.Two(key, RowKeys.EntryPrefix, directory, from));
            more && RowKeys.HasPrefix(cursor.Key, RowKeys.EntryPrefix, directory) && found.Count < room;
            more = cursor.MoveNext())
        {
            NodeRows.ReadEntry(cursor.Value, out var name);
            var cookie = RowKeys.SecondNumber(cursor.Key);
            if (!ShortName.IsShort(name)) found.Add((ShortName.NumberOf(name), cookie));
            end = cookie + 1;
        }

        return found;
    }

    private void Add(Directory directory, List<(uint Number, ulong Cookie)> added, ulong end)
    {
        foreach (var (number, cookie) in added) directory.Add(number, cookie);
        directory.End = end;
        _weight += added.Count;
    }

    private void Forget()
    {
        _directories.Clear();
        _weight = 0;
    }

    /// <summary>Cookies of long names by the numbers of the short ones.</summary>
    private sealed class Directory
    {
        private readonly Dictionary<uint, ulong> _first = [];

        /// <summary>The rare ones whose number another name had before.</summary>
        private readonly List<(uint Number, ulong Cookie)> _further = [];

        public int Count => _first.Count + _further.Count;

        /// <summary>Behind the last cookie that was walked over.</summary>
        public ulong End { get; set; } = FileSystemLimits.FirstEntryCookie;

        public void Add(uint number, ulong cookie)
        {
            if (!_first.TryAdd(number, cookie)) _further.Add((number, cookie));
        }

        public List<ulong> Find(uint number)
        {
            var found = new List<ulong>();
            if (!_first.TryGetValue(number, out var first)) return found;

            found.Add(first);
            foreach (var (other, cookie) in _further)
            {
                if (other == number) found.Add(cookie);
            }

            return found;
        }
    }
}
