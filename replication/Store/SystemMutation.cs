namespace Gateway.Replication.Store;

/// <summary>
/// A mutation of the replication layer itself: it alone may change <see cref="SystemRows"/> (owed slices,
/// checkpoints). It goes through when the nodes are full, unless it is what fills them.
/// </summary>
public abstract class SystemMutation : Mutation
{
    public override bool FreesSpace => true;
}

/// <summary>Puts one part of a spilled slice into its row (<see cref="SpilledRows"/>): growth like any other.</summary>
/// <param name="key">Of the row.</param>
/// <param name="value">Of the row; unchanged until the mutation has completed.</param>
internal sealed class SpillPart(byte[] key, ReadOnlyMemory<byte> value) : SystemMutation
{
    public override bool FreesSpace => false;

    public override void Execute(MutationContext context) => context.Put(key, value.Span);
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
