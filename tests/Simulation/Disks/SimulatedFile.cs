namespace Gateway.Simulation.Disks;

/// <summary>One file's two images: what the page cache shows and what the medium holds.</summary>
internal sealed class SimulatedFile
{
    private const int SectorBytes = SimulatedDisk.SectorBytes;

    private readonly SortedSet<int> _dirty = [];
    private byte[] _cached = [];
    private byte[] _medium = [];
    private long _mediumLength;

    public long Length { get; private set; }

    public IReadOnlyCollection<int> DirtySectors => _dirty;

    public int Read(long offset, Span<byte> destination)
    {
        var count = CountWithin(offset, destination.Length);
        _cached.AsSpan((int)Math.Min(offset, Length), count).CopyTo(destination);
        return count;
    }

    /// <summary>A direct read writes dirty pages back first, so only clean pages can differ from what it sees.</summary>
    public int ReadMedium(long offset, Span<byte> destination)
    {
        var count = CountWithin(offset, destination.Length);
        for (var done = 0; done < count;)
        {
            var at = offset + done;
            var part = (int)Math.Min(count - done, SectorBytes - at % SectorBytes);
            var image = _dirty.Contains((int)(at / SectorBytes)) ? _cached : _medium;
            image.AsSpan((int)at, part).CopyTo(destination[done..]);
            done += part;
        }

        return count;
    }

    /// <param name="writeBack">Says per sector that is dirty already whether its older content reaches the medium now.</param>
    public void Write(long offset, ReadOnlySpan<byte> data, Func<bool> writeBack)
    {
        if (data.IsEmpty) return;
        Extend(offset + data.Length);
        for (var sector = (int)(offset / SectorBytes); sector <= (offset + data.Length - 1) / SectorBytes; sector++)
        {
            if (!_dirty.Add(sector) && writeBack()) WriteBack(sector);
        }

        data.CopyTo(_cached.AsSpan((int)offset));
    }

    public void Extend(long length)
    {
        if (length <= Length) return;
        var capacity = (int)((length + SectorBytes - 1) / SectorBytes * SectorBytes);
        if (capacity > _cached.Length)
        {
            capacity = Math.Max(capacity, Math.Min(_cached.Length * 2, _cached.Length + (1 << 20)));
            Array.Resize(ref _cached, capacity);
            Array.Resize(ref _medium, capacity);
        }

        Length = length;
    }

    public void Sync()
    {
        foreach (var sector in _dirty) WriteBack(sector);
        _dirty.Clear();
        _mediumLength = Length;
    }

    /// <summary>The pages become clean whether or not they reached the medium.</summary>
    public void FailSync(Func<bool> reachesMedium)
    {
        foreach (var sector in _dirty)
        {
            if (reachesMedium()) WriteBack(sector);
        }

        _dirty.Clear();
        _mediumLength = Length;
    }

    public void Crash(Func<int, bool> survives)
    {
        var length = _mediumLength;
        foreach (var sector in _dirty)
        {
            if (!survives(sector)) continue;
            WriteBack(sector);
            length = Math.Max(length, Math.Min(Length, (sector + 1L) * SectorBytes));
        }

        _dirty.Clear();
        _medium.AsSpan((int)length).Clear();
        _medium.CopyTo(_cached, 0);
        Length = _mediumLength = length;
    }

    public void Rot(long offset, byte mask)
    {
        _medium[offset] ^= mask;
        if (!_dirty.Contains((int)(offset / SectorBytes))) _cached[offset] = _medium[offset];
    }

    public SimulatedFile Copy()
    {
        var copy = new SimulatedFile
        {
            _cached = [.. _cached],
            _medium = [.. _medium],
            _mediumLength = _mediumLength,
            Length = Length,
        };
        copy._dirty.UnionWith(_dirty);
        return copy;
    }

    private int CountWithin(long offset, int count) => (int)Math.Max(0, Math.Min(count, Length - offset));

    private void WriteBack(int sector) =>
        _cached.AsSpan(sector * SectorBytes, SectorBytes).CopyTo(_medium.AsSpan(sector * SectorBytes));
}
