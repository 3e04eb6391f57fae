using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Exports;

/// <summary>All exports: what MOUNT hands out and what every request is checked against.</summary>
/// <remarks>
/// Any thread: volumes come and go while requests run. See <see cref="ExportOptions"/> for what a sub-directory export is
/// worth.
/// </remarks>
internal sealed class ExportTable
{
    /// <summary>A connection of many users remembers this many of them; the others cost a little more.</summary>
    public const int RememberedMax = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, OpenedVolume> _open = [];

    /// <summary>In the order they came.</summary>
    private readonly List<string> _declared = [];

    private IReadOnlyList<ExportOptions> _said;
    private volatile State _state;

    /// <summary>With no volume open yet.</summary>
    /// <exception cref="ExportException">The options make no sense.</exception>
    public ExportTable(IEnumerable<ExportOptions> exports)
    {
        _said = [.. exports];
        Check(_said, _ => true);
        _state = new State(_said, _open);
    }

    /// <summary>With all volumes open.</summary>
    /// <exception cref="ExportException">The options make no sense.</exception>
    public ExportTable(IEnumerable<ExportOptions> exports, IReadOnlyDictionary<string, FileTree> volumes)
        : this(exports)
    {
        Check(_said, volumes.ContainsKey);
        foreach (var (volume, tree) in volumes) Open(volume, tree);
    }

    /// <summary>What can be said about the options before the volumes are there.</summary>
    /// <exception cref="ExportException">The options make no sense.</exception>
    public static void Check(IReadOnlyCollection<ExportOptions> exports, Func<string, bool> isVolume)
    {
        foreach (var options in exports)
        {
            if (!isVolume(options.Volume))
                throw new ExportException($"The export '{options.Path}' names the unknown volume '{options.Volume}'.");

            Export.Check(options);
        }

        var twice = exports.GroupBy(export => export.Path.TrimEnd('/')).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new ExportException($"'{twice.Key}' is exported twice.");
    }

    /// <summary>The exports of the volumes that are open here.</summary>
    public IReadOnlyList<Export> Exports => _state.Exports;

    /// <summary>
    /// There is a volume of this name, here or elsewhere. It gets the default export, unless somebody has said what is
    /// exported: then only that is.
    /// </summary>
    public void Declare(string volume)
    {
        lock (_gate)
        {
            if (_declared.Contains(volume)) return;
            _declared.Add(volume);
            _state = NewState();
        }
    }

    /// <summary>
    /// From now on, this is what somebody has said is exported, and to whom: also for requests with handles that were given
    /// out before, of connections that are there. Requests that run go on by what was said before.
    /// </summary>
    /// <exception cref="ExportException">The options make no sense; nothing has changed.</exception>
    public void Replace(IReadOnlyList<ExportOptions> exports)
    {
        Check(exports, _ => true);
        lock (_gate)
        {
            _said = [.. exports];
            _state = NewState();
        }
    }

    /// <summary>The volume is served here from now on, on connections that come from now on.</summary>
    /// <param name="volume">Its name.</param>
    /// <param name="tree">Its files.</param>
    /// <param name="newestPeer">The <see cref="RpcPeer.Id"/> of the connection that came last; 0 for none.</param>
    public void Open(string volume, FileTree tree, long newestPeer = 0)
    {
        lock (_gate)
        {
            _open.Add(volume, new OpenedVolume(tree, newestPeer));
            _state = NewState();
        }
    }

    /// <summary>The volume is no longer served here: its requests end their connections.</summary>
    public void Close(string volume)
    {
        lock (_gate)
        {
            _open.Remove(volume);
            _state = NewState();
        }
    }

    /// <summary>
    /// The export of the longest path that this one lies in, or null. When that export's volume is not open here, the call
    /// ends its connection: the client asks again, where the volume is by then.
    /// </summary>
    public Export? Find(RpcContext call, IReadOnlyList<byte[]> path)
    {
        Export? best = null;
        var state = _state;
        foreach (var export in state.Exports)
        {
            if (!ExportPath.IsPrefix(export.PathNames, path)) continue;
            if (best is null || best.PathNames.Count < export.PathNames.Count) best = export;
        }

        var elsewhere = state.Elsewhere.Any(
            other => ExportPath.IsPrefix(other, path) && (best is null || best.PathNames.Count < other.Count));
        if (!elsewhere) return best;

        call.Disconnect();
        return null;
    }

    /// <summary>
    /// Checks a request against the exports and opens its handle. A handle of a volume that is not here ends the connection
    /// if some volume of the exports is elsewhere: it may be that one. So does a connection that was there before the volume.
    /// </summary>
    public Admission Enter(RpcContext call, ReadOnlySpan<byte> handle, out NodeId node)
    {
        node = default;
        if (!HandleSeal.TryReadVolume(handle, out var volumeId)) return Admission.BadHandle;

        var state = _state;
        foreach (var volume in state.Volumes)
        {
            if (volume.Tree.VolumeId != volumeId) continue;
            if (volume.IsOlder(call.Peer))
            {
                call.Disconnect();
                return Admission.Stale;
            }

            return volume.Tree.Handles.TryOpen(handle, out node)
                ? Admit(volume, call.Peer, call.Caller)
                : Admission.BadHandle;
        }

        if (state.Elsewhere.Count > 0) call.Disconnect();
        return Admission.Stale;
    }

    // The connection's array is replaced, never changed: several calls of a connection may look at once, and one of
    // two that add at the same time may be forgotten.
    private static Admission Admit(VolumeExports volume, RpcPeer peer, RpcCredentials credentials)
    {
        var remembered = peer.Admissions;
        foreach (var admission in remembered)
        {
            if (admission.IsBy(volume, credentials)) return admission;
        }

        if (volume.Find(peer) is not { } client || !client.AcceptsPort(peer)) return Admission.Refused;

        var admitted = new Admission(volume, credentials, client.ToCaller(credentials), client.IsReadOnly);

        // In place of what earlier rules said. Of others it stays, so that whoever has used a volume is known by it.
        peer.Admissions =
        [
            admitted,
            .. remembered.Where(earlier => !ReferenceEquals(earlier.Credentials, credentials) || earlier.Tree != volume.Tree)
                .Take(RememberedMax - 1),
        ];
        return admitted;
    }

    private State NewState()
    {
        var options = _said;
        foreach (var volume in _declared)
        {
            if (options.All(export => export.IsDefault() && export.Volume != volume)) options = [.. options, ExportOptions.Default(volume)];
        }

        return new State(options, _open);
    }

    // What is open at one moment.
    private sealed class State
    {
        public State(IReadOnlyList<ExportOptions> options, IReadOnlyDictionary<string, OpenedVolume> open)
        {
            Exports = [.. options.Where(export => open.ContainsKey(export.Volume))
                .Select(export => new Export(export, open[export.Volume].Tree))];
            Volumes = [.. open.Values.Select(opened => new VolumeExports(opened, Exports.Where(export => export.Tree == opened.Tree)))];
            Elsewhere = [.. options.Where(export => !open.ContainsKey(export.Volume)).Select(Export.PathOf)];
        }

        public IReadOnlyList<Export> Exports { get; }

        public VolumeExports[] Volumes { get; }

        /// <summary>The paths of exports whose volumes are not open.</summary>
        public IReadOnlyList<IReadOnlyList<byte[]>> Elsewhere { get; }
    }
}
