using System.Diagnostics.CodeAnalysis;

namespace Gateway.Smb.Trees;

/// <summary>The shares of the server by name, case ignored; IPC$ is always among them (MS-SMB2 3.3.1.5 ShareList).</summary>
internal sealed class ShareTable
{
    public const string PipeShareName = "IPC$";

    private readonly Dictionary<string, Share> _shares = new(StringComparer.OrdinalIgnoreCase);

    public ShareTable(IEnumerable<Share> shares)
    {
        foreach (var share in shares) _shares.Add(share.Name, share);
        _shares.Add(PipeShareName, new Share { Name = PipeShareName, Comment = "Remote IPC", Type = ShareType.Pipe });
    }

    /// <summary>In the order they were given, pipes last.</summary>
    public IReadOnlyCollection<Share> All => _shares.Values;

    public bool TryFind(string name, [NotNullWhen(true)] out Share? share) => _shares.TryGetValue(name, out share);
}
