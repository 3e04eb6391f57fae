using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem;

namespace Gateway.Smb.Trees;

/// <summary>
/// The shares of the server by name, case ignored, as far as their volumes are here; IPC$ is always among them (MS-SMB2
/// 3.3.1.5 ShareList).
/// </summary>
/// <remarks>Any thread: shares come and go while requests run.</remarks>
internal sealed class ShareTable
{
    public const string PipeShareName = "IPC$";

    private readonly Lock _gate = new();
    private volatile State _state;

    public ShareTable(IEnumerable<Share> shares) => _state = new State(
        [.. shares, new Share { Name = PipeShareName, Comment = "Remote IPC", Type = ShareType.Pipe }]);

    /// <summary>In the order they came.</summary>
    public IReadOnlyCollection<Share> All => _state.All;

    public bool TryFind(string name, [NotNullWhen(true)] out Share? share) => _state.ByName.TryGetValue(name, out share);

    /// <summary>Further shares; their names are not taken.</summary>
    public void Add(IEnumerable<Share> shares)
    {
        lock (_gate) _state = new State([.. _state.All, .. shares]);
    }

    /// <summary>These in place of all that have files.</summary>
    public void Replace(IEnumerable<Share> shares)
    {
        lock (_gate) _state = new State([.. _state.All.Where(share => share.Type == ShareType.Pipe), .. shares]);
    }

    /// <summary>Whether it is still there, and not another one under its name.</summary>
    public bool Has(Share share) => TryFind(share.Name, out var found) && ReferenceEquals(found, share);

    /// <summary>The shares of a volume are no longer here.</summary>
    public void Remove(FileTree volume)
    {
        lock (_gate) _state = new State([.. _state.All.Where(share => share.Files != volume)]);
    }

    private sealed class State(Share[] all)
    {
        public Share[] All { get; } = all;

        public FrozenDictionary<string, Share> ByName { get; } =
            all.ToFrozenDictionary(share => share.Name, StringComparer.OrdinalIgnoreCase);
    }
}
