using System.Text;
using Gateway.Replication.Rows;

namespace Gateway.Replication.Tests.Standby;

/// <summary>Rows that no journal leads to.</summary>
internal static class PlantedRows
{
    public static void Write(string directory, string key, ulong index)
    {
        using var rows = LmdbRowStore.Open(directory);
        var batch = new RowBatchWriter();
        batch.Put(Encoding.UTF8.GetBytes(key), [1]);
        rows.Apply(new RowBatchReader(batch.Written), new AppliedPosition(index, 1, 12345));
    }
}
