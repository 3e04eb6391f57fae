namespace Gateway.Nfs.Exports;

/// <summary>Paths of exports and of MNT requests, as lists of names.</summary>
internal static class ExportPath
{
    /// <summary>
    /// Splits at slashes; several of them count as one and "." is nothing. False for ".." (it would lead out of an
    /// exported directory) and for NUL.
    /// </summary>
    public static bool TrySplit(ReadOnlySpan<byte> path, out IReadOnlyList<byte[]> names)
    {
        var found = new List<byte[]>();
        names = found;
        foreach (var range in path.Split((byte)'/'))
        {
            var name = path[range];
            if (name.IsEmpty || name.SequenceEqual("."u8)) continue;
            if (name.SequenceEqual(".."u8) || name.Contains((byte)0)) return false;

            found.Add(name.ToArray());
        }

        return true;
    }

    public static bool IsPrefix(IReadOnlyList<byte[]> prefix, IReadOnlyList<byte[]> path)
    {
        if (prefix.Count > path.Count) return false;
        for (var i = 0; i < prefix.Count; i++)
        {
            if (!prefix[i].AsSpan().SequenceEqual(path[i])) return false;
        }

        return true;
    }
}
