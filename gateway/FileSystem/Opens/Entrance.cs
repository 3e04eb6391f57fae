using Gateway.FileSystem.Security;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

/// <summary>Enters the open of what is being made, inside the mutation that makes it.</summary>
internal sealed class Entrance(OpenTable table, OpenRequest request, Place place, NodeType type, AccessMask granted)
{
    /// <summary>Null unless it was let in; to be revoked when the mutation does not end with Ok.</summary>
    public Open? Open { get; private set; }

    /// <summary>A <see cref="NodeClaim"/>.</summary>
    public FileStatus Enter(MutationContext rows, NodeId file, NodeId content)
    {
        // Nothing may come into a directory that goes with its last open.
        if (table.IsDoomed(place.Directory)) return FileStatus.DeletePending;

        var admission = new OpenAdmission(table, request, waited: false).EnterNew(file, type, content, place, granted);
        Open = admission.Open;
        if (Open is not null)
        {
            lock (Open.Content.Sync) Open.Content.File.Record(rows);
            return FileStatus.Ok;
        }

        // There is but one wait that what is made can meet: for its file's removal.
        return admission.Refusal ?? FileStatus.DeletePending;
    }
}
