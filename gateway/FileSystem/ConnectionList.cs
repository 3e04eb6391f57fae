using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem;

/// <summary>
/// Connections of clients to the owner of the volume, as rows, so that the next owner can tell those clients that they are over.
/// What a connection is the caller knows: here it is a name of a fixed length. Thread-safe.
/// </summary>
public sealed class ConnectionList
{
    public const int NameBytes = 36;

    /// <summary>How many connections one address may have here; the caller sees to it.</summary>
    public const int ConnectionsMax = 4096;

    /// <summary>Of one change; more take several.</summary>
    public const int ChangesMax = 512;

    private const byte Version = 1;

    private readonly IVolumeStore _store;

    internal ConnectionList(IVolumeStore store) => _store = store;

    public IReadOnlyList<byte[]> List()
    {
        var names = new List<byte[]>();
        using var rows = _store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek([RowKeys.ConnectionPrefix]); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.ConnectionPrefix)) break;
            if (cursor.Key.Length == 1 + NameBytes) names.Add(cursor.Key[1..].ToArray());
        }

        return names;
    }

    /// <summary>Takes connections in and out, in one change.</summary>
    /// <exception cref="ArgumentException">More than <see cref="ChangesMax"/>, or names of another length.</exception>
    public async ValueTask<FileStatus> ChangeAsync(
        IReadOnlyList<byte[]> added, IReadOnlyList<byte[]> removed, CancellationToken cancellation = default)
    {
        if (added.Count + removed.Count > ChangesMax || added.Concat(removed).Any(name => name.Length != NameBytes))
            throw new ArgumentException("Too many connections for one change, or a name of another length.", nameof(added));

        var outcome = await _store.ExecuteAsync(new ConnectionMutation(added, removed), cancellation);
        return FileTree.StatusOf(outcome);
    }

    private sealed class ConnectionMutation(IReadOnlyList<byte[]> added, IReadOnlyList<byte[]> removed) : Mutation
    {
        public override bool FreesSpace => added.Count == 0;

        public override void Execute(MutationContext context)
        {
            foreach (var name in removed) context.Delete([RowKeys.ConnectionPrefix, .. name]);
            foreach (var name in added) context.Put([RowKeys.ConnectionPrefix, .. name], [Version]);
        }
    }
}
