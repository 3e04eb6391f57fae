using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem;

namespace Gateway.Smb.Trees;

/// <summary>The trees of one session (MS-SMB2 3.3.1.8 TreeConnectTable).</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class TreeTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, TreeConnect> _trees = [];
    private uint _lastId;

    public int Count
    {
        get
        {
            lock (_gate) return _trees.Count;
        }
    }

    public bool TryGet(uint id, [NotNullWhen(true)] out TreeConnect? tree)
    {
        lock (_gate) return _trees.TryGetValue(id, out tree);
    }

    /// <summary>Adds the tree made for a new id; null when there are too many.</summary>
    public TreeConnect? Add(Func<uint, TreeConnect> make, int treesMax)
    {
        lock (_gate)
        {
            if (_trees.Count >= treesMax) return null;

            // Ids are not used again before 2^32 others, so a late request does not reach another share.
            do
            {
                _lastId = unchecked(_lastId + 1);
            }
            while (_lastId is 0 or uint.MaxValue || _trees.ContainsKey(_lastId));

            var tree = make(_lastId);
            _trees.Add(_lastId, tree);
            return tree;
        }
    }

    /// <summary>Whether one of them is of the volume.</summary>
    public bool HasAny(FileTree volume)
    {
        lock (_gate) return _trees.Values.Any(tree => tree.Share.Files == volume);
    }

    /// <summary>Those of the shares with these names.</summary>
    public IReadOnlyList<TreeConnect> Of(IReadOnlySet<string> shares)
    {
        lock (_gate) return [.. _trees.Values.Where(tree => shares.Contains(tree.Share.Name))];
    }

    /// <summary>True for the one caller that removes the tree.</summary>
    public bool TryRemove(TreeConnect tree)
    {
        lock (_gate) return _trees.Remove(tree.Id);
    }

    /// <summary>Removes and returns all.</summary>
    public IReadOnlyList<TreeConnect> Clear()
    {
        lock (_gate)
        {
            List<TreeConnect> all = [.. _trees.Values];
            _trees.Clear();
            return all;
        }
    }
}
