using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>Removes some of what a client holds; repeated until <see cref="Done"/>.</summary>
internal sealed class ReleaseMutation(byte[] client) : Mutation
{
    public override bool FreesSpace => true;

    public HashSet<ulong> Inodes { get; } = [];

    public bool Done { get; private set; }

    public override void Execute(MutationContext context) => Done = LockRows.RemoveOfClient(context, client, Inodes);
}
