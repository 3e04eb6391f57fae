namespace Gateway.Replication.Store;

/// <summary>
/// A mutation of the replication layer itself: it alone may change <see cref="SystemRows"/> (owed slices,
/// checkpoints). It goes through when the nodes are full.
/// </summary>
public abstract class SystemMutation : Mutation
{
    public sealed override bool FreesSpace => true;
}

/// <summary>Puts and deletes fixed system rows.</summary>
public sealed class SystemRowChange : SystemMutation
{
    private readonly List<(byte[] Key, byte[]? Value)> _changes = [];

    public SystemRowChange Put(byte[] key, byte[] value)
    {
        _changes.Add((key, value));
        return this;
    }

    public SystemRowChange Delete(byte[] key)
    {
        _changes.Add((key, null));
        return this;
    }

    public override void Execute(MutationContext context)
    {
        foreach (var (key, value) in _changes)
        {
            if (value is not null) context.Put(key, value);
            else if (context.TryGet(key, out _)) context.Delete(key);
        }
    }
}
