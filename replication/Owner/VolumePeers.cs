using System.Collections;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Owner;

/// <summary>
/// The nodes of a volume as this gateway reaches them: its members, those that it changes to, and learners; and which of
/// them take slices.
/// </summary>
/// <remarks>
/// Read by any thread; changed by one. As a list it is what there is at the moment; who looks twice takes <see
/// cref="All"/> or <see cref="Data"/> once, which never change.
/// </remarks>
internal sealed class VolumePeers : IReadOnlyList<NodePeer>, IAsyncDisposable
{
    private volatile View _view;
    private int _slots;

    public VolumePeers(VolumeRecord record) => _view = new View(record, [], []);

    /// <summary>Of a volume that is not known yet.</summary>
    public static VolumePeers None => new(new VolumeRecord
    {
        VolumeId = default,
        Epoch = 0,
        OwnerId = 0,
        OwnerAddress = "",
        ConfigGeneration = 0,
        Members = [],
        LeaseMilliseconds = 0,
    });

    /// <summary>All of them now.</summary>
    public IReadOnlyList<NodePeer> All => _view.All;

    /// <summary>Those that take slices now.</summary>
    public IReadOnlyList<NodePeer> Data => _view.Data;

    /// <summary>Members now: all but learners.</summary>
    public IEnumerable<NodePeer> Voters => _view.All.Where(peer => !peer.IsLearner);

    /// <summary>The membership in use.</summary>
    public VolumeRecord Record => _view.Record;

    /// <summary>Which nodes make a slice durable now.</summary>
    public SlicePlacement Placement => _view.Placement;

    /// <summary>Those that take slices, and which of them are enough, of one moment.</summary>
    public (IReadOnlyList<NodePeer> Data, SlicePlacement Placement) SliceNodes
    {
        get
        {
            var view = _view;
            return (view.Data, view.Placement);
        }
    }

    /// <summary>False when a slice of content would ride in the journal now.</summary>
    public bool HaveEnoughForSlices
    {
        get
        {
            var view = _view;
            return !view.Placement.HasWitness || view.Placement.IsDurable(
                node => view.Data.Any(peer => peer.Node == node && peer.IsUp && !peer.IsOverdue));
        }
    }

    public int Count => _view.All.Length;

    public NodePeer this[int index] => _view.All[index];

    /// <summary>The next number for a peer; none is used twice.</summary>
    public int NewSlot() => _slots++;

    public NodePeer? Find(string node) => _view.All.FirstOrDefault(peer => peer.Node == node);

    /// <summary>Adds a node, which is a learner until a record with it is used.</summary>
    public void Add(NodePeer peer)
    {
        var view = _view;
        _view = new View(view.Record, [.. view.All, peer], view.Data);
    }

    /// <summary>Takes a membership into use. All its nodes must have been added.</summary>
    public void Use(VolumeRecord record)
    {
        var all = _view.All;
        var members = record.AllMembers().ToDictionary(member => member.NodeId);
        foreach (var peer in all)
        {
            peer.IsLearner = !members.TryGetValue(peer.Node, out var member);
            peer.IsWitness = member.Witness;
        }

        Invariant.Holds(
            members.Keys.All(node => all.Any(peer => peer.Node == node)), "A member of the volume has no link.");
        _view = new View(record, all, [.. all.Where(peer => !peer.IsLearner && !peer.IsWitness)]);
    }

    /// <summary>Closes the links to a node that is no member.</summary>
    public async Task RemoveAsync(NodePeer peer)
    {
        var view = _view;
        _view = new View(
            view.Record, [.. view.All.Where(other => other != peer)], [.. view.Data.Where(other => other != peer)]);
        await peer.DisposeAsync();
    }

    public IEnumerator<NodePeer> GetEnumerator() => All.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => All.GetEnumerator();

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _view.All) await peer.DisposeAsync();
    }

    private sealed record View(VolumeRecord Record, NodePeer[] All, IReadOnlyList<NodePeer> Data)
    {
        public SlicePlacement Placement { get; } = new(Record);
    }
}
