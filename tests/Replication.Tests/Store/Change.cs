using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Store;

/// <summary>A mutation from a delegate.</summary>
internal sealed class Change(Action<MutationContext> execute, bool freesSpace = false) : Mutation
{
    public override bool FreesSpace => freesSpace;

    public override void Execute(MutationContext context) => execute(context);
}
