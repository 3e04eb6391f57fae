using System.Buffers.Binary;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// Hosts whose restart matters to the locks, as rows, so that any later owner knows them; and the state number of the
/// network status monitor. Thread-safe.
/// </summary>
public sealed class MonitorList
{
    public const int NameBytesMax = 255;

    public const int ContentBytesMax = 1024;

    public const int HostsMax = 4096;

    private readonly IVolumeStore _store;

    internal MonitorList(IVolumeStore store) => _store = store;

    /// <summary>The state number; 0 when none was set.</summary>
    public int State
    {
        get
        {
            using var rows = _store.OpenSnapshot();
            return rows.TryGet(RowKeys.MonitorState, out var row) ? BinaryPrimitives.ReadInt32LittleEndian(row) : 0;
        }
    }

    public ValueTask<FileStatus> SetStateAsync(int state, CancellationToken cancellation = default)
    {
        var row = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(row, state);
        return RunAsync(new MonitorMutation(RowKeys.MonitorState.ToArray(), row), cancellation);
    }

    /// <summary>
    /// Adds or replaces a host. InvalidArgument for a name or content out of bounds, LockLimit for too many.
    /// </summary>
    public ValueTask<FileStatus> AddAsync(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> content, CancellationToken cancellation = default) =>
        name.Length is 0 or > NameBytesMax || content.Length > ContentBytesMax
            ? ValueTask.FromResult(FileStatus.InvalidArgument)
            : RunAsync(new MonitorMutation(KeyOf(name), content.ToArray()), cancellation);

    public ValueTask<FileStatus> RemoveAsync(ReadOnlySpan<byte> name, CancellationToken cancellation = default) =>
        name.Length is 0 or > NameBytesMax
            ? ValueTask.FromResult(FileStatus.Ok)
            : RunAsync(new MonitorMutation(KeyOf(name), null), cancellation);

    public IReadOnlyList<(byte[] Name, byte[] Content)> List()
    {
        var hosts = new List<(byte[], byte[])>();
        using var rows = _store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek([RowKeys.MonitorPrefix]); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.MonitorPrefix)) break;
            hosts.Add((cursor.Key[1..].ToArray(), cursor.Value.ToArray()));
        }

        return hosts;
    }

    private static byte[] KeyOf(ReadOnlySpan<byte> name) => [RowKeys.MonitorPrefix, .. name];

    private async ValueTask<FileStatus> RunAsync(MonitorMutation mutation, CancellationToken cancellation)
    {
        var outcome = await _store.ExecuteAsync(mutation, cancellation);
        return outcome == StoreOutcome.Ok ? mutation.Status : FileTree.StatusOf(outcome);
    }

    private sealed class MonitorMutation(byte[] key, byte[]? row) : Mutation
    {
        public override bool FreesSpace => row is null;

        public FileStatus Status { get; private set; } = FileStatus.Ok;

        public override void Execute(MutationContext context)
        {
            if (row is null) context.Delete(key);
            else if (context.TryGet(key, out _) || HasRoom(context)) context.Put(key, row);
            else Status = FileStatus.LockLimit;
        }

        private static bool HasRoom(MutationContext context)
        {
            var count = 0;
            using var cursor = context.OpenCursor();
            for (var more = cursor.Seek([RowKeys.MonitorPrefix]); more; more = cursor.MoveNext())
            {
                if (!RowKeys.HasPrefix(cursor.Key, RowKeys.MonitorPrefix)) return true;
                if (++count >= HostsMax) return false;
            }

            return true;
        }
    }
}
