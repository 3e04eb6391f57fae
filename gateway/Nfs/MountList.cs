using Gateway.Protocol.Mount;

namespace Gateway.Nfs;

/// <summary>
/// Who mounted what, for DUMP. A courtesy of the protocol: clients forget to say when they are gone (RFC 1813
/// §5.2.2).
/// </summary>
/// <remarks>In memory only; the oldest entries go first. Threading: any.</remarks>
internal sealed class MountList
{
    /// <summary>Entries.</summary>
    public const int EntriesMax = 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<MountEntry> _order = new();
    private readonly Dictionary<MountEntry, LinkedListNode<MountEntry>> _entries = [];

    public void Add(MountEntry mount)
    {
        lock (_gate)
        {
            if (_entries.Remove(mount, out var known)) _order.Remove(known);
            if (_entries.Count == EntriesMax)
            {
                _entries.Remove(_order.First!.Value);
                _order.RemoveFirst();
            }

            _entries.Add(mount, _order.AddLast(mount));
        }
    }

    public void Remove(MountEntry mount)
    {
        lock (_gate)
        {
            if (_entries.Remove(mount, out var known)) _order.Remove(known);
        }
    }

    public void RemoveAll(string host)
    {
        lock (_gate)
        {
            foreach (var mount in _entries.Keys.Where(entry => entry.Host == host).ToList())
            {
                _entries.Remove(mount, out var known);
                _order.Remove(known!);
            }
        }
    }

    public IReadOnlyList<MountEntry> ToList()
    {
        lock (_gate) return [.. _order];
    }
}
