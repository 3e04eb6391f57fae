using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// Changes what the opens of a file are, and puts what their rows have to say then: in one step of the sequencer, so that
/// what others do because of the change becomes durable after it.
/// </summary>
/// <param name="file">Whose opens.</param>
/// <param name="change">Under the lock of the file; null when it was changed before.</param>
internal sealed class RecordMutation(OpenedFile file, Action<MutationContext>? change = null) : Mutation
{
    /// <summary>Rows of opens are few and small, and without them nothing could be opened to be deleted.</summary>
    public override bool FreesSpace => true;

    /// <summary>False when the change was not made.</summary>
    public bool HasRun { get; private set; }

    public override void Execute(MutationContext context)
    {
        lock (file.Sync)
        {
            HasRun = true;
            change?.Invoke(context);
            file.Record(context);
        }
    }
}
