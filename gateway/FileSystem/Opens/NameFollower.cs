using Gateway.FileSystem.Notices;

namespace Gateway.FileSystem.Opens;

/// <summary>Keeps the names of opens right when files are renamed by no open, as NFS does.</summary>
internal sealed class NameFollower(OpenTable table) : TreeListener
{
    public override bool IsListening => table.Count != 0;

    public override void OnChange(TreeChange change)
    {
        if (change.Kind != TreeChangeKind.Renamed) return;
        table.Follow(change.Node, change.FromDirectory, change.FromName.Span, change.Directory, change.Name.Span);
    }
}
