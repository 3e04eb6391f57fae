using Gateway.Replication.Disks;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Nodes;

/// <summary>
/// The superblock as two copies in different blocks of one file. Each save writes one copy, flushes, then the other: a torn
/// write leaves the other copy, and rot of one copy leaves the same state in the other.
/// </summary>
/// <remarks>
/// One copy alone in alternation would not do: when the newer one rots, the older would silently take back a promise.
/// Threading: the journal thread.
/// </remarks>
public sealed class NodeStateFile : INodeStateStore, IDisposable
{
    public const string FileName = "superblock";

    private const string PartialName = "superblock.new";
    private const int CopyOffset = 4096;

    private readonly IDiskFile _file;
    private readonly NodeDirectoryIdentity _identity;
    private readonly byte[] _copy = new byte[NodeStateCodec.Bytes];
    private ulong _generation;
    private NodeState? _state;

    private NodeStateFile(IDiskFile file, NodeDirectoryIdentity identity, ulong generation, NodeState? state)
    {
        _file = file;
        _identity = identity;
        _generation = generation;
        _state = state;
    }

    public ulong Incarnation => _identity.Incarnation;

    public Guid Cluster => _identity.Cluster;

    /// <summary>A hash of the name of the node that the directory belongs to.</summary>
    public ulong NameHash => _identity.NameHash;

    /// <summary>True when the superblock did not exist, or both copies were unreadable: a new incarnation.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Opens the superblock; makes one of a new incarnation when there is none that can be read.</summary>
    /// <param name="disk">The node's directory.</param>
    /// <param name="cluster">For a new superblock.</param>
    /// <param name="nameHash">For a new superblock.</param>
    /// <param name="drawIncarnation">Draws a number that no other directory has.</param>
    /// <exception cref="DiskException">The disk is full or failed.</exception>
    public static NodeStateFile Open(IDisk disk, Guid cluster, ulong nameHash, Func<ulong> drawIncarnation)
    {
        var names = disk.List();
        if (names.Contains(PartialName)) disk.Delete(PartialName);
        if (names.Contains(FileName) && TryOpen(disk) is { } known) return known;

        var identity = new NodeDirectoryIdentity(cluster, drawIncarnation(), nameHash);
        using (var partial = disk.Create(PartialName))
        {
            partial.Write(0, new byte[2 * CopyOffset]);
            using var first = new NodeStateFile(partial, identity, 0, null);
            first.WriteCopies();
        }

        disk.Rename(PartialName, FileName);
        disk.SyncDirectory();
        return new NodeStateFile(disk.Open(FileName), identity, 1, null) { IsNew = true };
    }

    public NodeState? Load() => _state;

    public void Save(NodeState state)
    {
        _state = state;
        WriteCopies();
    }

    public void Dispose() => _file.Dispose();

    private static NodeStateFile? TryOpen(IDisk disk)
    {
        var file = disk.Open(FileName);
        NodeStateFile? newest = null;
        Span<byte> copy = stackalloc byte[NodeStateCodec.Bytes];
        for (var at = 0; at <= CopyOffset; at += CopyOffset)
        {
            if (file.ReadMedium(at, copy) < copy.Length
                || !NodeStateCodec.TryRead(copy, out var generation, out var identity, out var state))
            {
                continue;
            }

            if (newest is null || generation > newest._generation)
                newest = new NodeStateFile(file, identity, generation, state);
        }

        if (newest is null) file.Dispose();

        // Both copies say the same from now on, whatever a crash or rot left.
        else newest.WriteCopies();
        return newest;
    }

    private void WriteCopies()
    {
        NodeStateCodec.Write(_copy, ++_generation, _identity, _state);
        for (var at = 0; at <= CopyOffset; at += CopyOffset)
        {
            _file.Write(at, _copy);
            _file.Sync();
        }
    }
}
