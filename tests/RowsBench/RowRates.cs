using System.Buffers.Binary;
using System.Diagnostics;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.RowsBench;

/// <summary>The LMDB rows alone, with rows like a file system's: names and cookies of directories, inodes.</summary>
internal static class RowRates
{
    private const int RowsPerFile = 3;
    private const int FilesPerDirectory = 1000;
    private const int FilesPerBatch = 200;

    public static void Run(string directory, int files, bool writeMap)
    {
        using var rows = LmdbRowStore.Open(
            Path.Join(directory, $"rows{(writeMap ? "-map" : "")}"), new LmdbOptions { WriteMap = writeMap });
        Console.Out.WriteLine($"{files:N0} files, {RowsPerFile} rows each, {FilesPerBatch} files per transaction");
        var ends = new List<double>();
        var step = Math.Max(10_000, files / 10);
        var file = 0;
        while (file < files)
        {
            var from = file;
            file = Math.Min(files, file == 0 ? 10_000 : file + step);
            var to = file;
            ends.Add(Report.Measure(
                $"apply rows {from * RowsPerFile:N0}..", (to - from) * RowsPerFile, () => Add(rows, from, to)));
        }

        Console.Out.WriteLine($"last against first: {ends[^1] / ends[0]:N2}, file {rows.UsedBytes >> 20} MiB");
        Read(rows, files);
        Replace(rows, files);
        Console.Out.Write($"resident {Environment.WorkingSet >> 20} MiB, ");
        rows.ReleaseResident();
        Console.Out.WriteLine($"{Environment.WorkingSet >> 20} MiB after release");
    }

    public static void RunSlices(string directory, int count)
    {
        using var rows = LmdbRowStore.Open(Path.Join(directory, "slices"));
        var writer = new RowBatchWriter();
        var key = new byte[SystemRows.LiveSliceKeyBytes];
        var value = new byte[8];
        Report.Measure("live slices added, 100 per transaction", count, () =>
        {
            for (var i = 0; i < count; i += 100)
            {
                writer.Clear();
                for (var k = i; k < i + 100; k++)
                {
                    var slice = new SliceRef(new SliceId(5, (ulong)k), 1 << 20, unchecked((uint)k * 2654435761));
                    SystemRows.WriteLiveSliceKey(slice.Id, key);
                    SystemRows.WriteLiveSliceValue(slice, value);
                    writer.Put(key, value);
                }

                rows.Apply(new RowBatchReader(writer.Written), new AppliedPosition((ulong)i, 1, 1));
            }
        });
        Console.Out.WriteLine($"{(double)rows.UsedBytes / count:N1} bytes of file per live slice");
        using var snapshot = rows.OpenSnapshot();
        Report.Measure("live slices read", count, () =>
        {
            var group = new SliceRef[1024];
            for (SliceId? after = null; SystemRows.ReadLiveSlices(snapshot, after, group) is var found and > 0;)
                after = group[found - 1].Id;
        });
    }

    private static void Add(LmdbRowStore rows, int from, int to)
    {
        var writer = new RowBatchWriter();
        var names = new FileRows();
        for (var batch = from; batch < to; batch += FilesPerBatch)
        {
            writer.Clear();
            for (var file = batch; file < Math.Min(to, batch + FilesPerBatch); file++) names.Write(writer, file);
            rows.Apply(new RowBatchReader(writer.Written), new AppliedPosition((ulong)batch + 1, 1, 1));
        }
    }

    private static void Read(LmdbRowStore rows, int files)
    {
        const int reads = 500_000;
        var random = new Random(1);
        var names = new FileRows();
        Report.Measure("snapshot opened and closed", reads, () =>
        {
            for (var i = 0; i < reads; i++) rows.OpenSnapshot().Dispose();
        });
        Report.Measure("get, 2 per snapshot (lookup + attributes)", reads, () =>
        {
            for (var i = 0; i < reads; i += 2)
            {
                using var snapshot = rows.OpenSnapshot();
                var file = random.Next(files);
                if (!snapshot.TryGet(names.Name(file), out _) || !snapshot.TryGet(names.Inode(file), out _))
                    throw new UnreachableException();
            }
        });
        Report.Measure("cursor opened, sought, 20 rows read", reads / 10, () =>
        {
            for (var i = 0; i < reads / 10; i++)
            {
                using var snapshot = rows.OpenSnapshot();
                using var cursor = snapshot.OpenCursor();
                cursor.Seek(names.Name(random.Next(files)));
                for (var k = 0; k < 20; k++) cursor.MoveNext();
            }
        });
        Report.Measure("scan", rows.Count, () =>
        {
            using var snapshot = rows.OpenSnapshot();
            using var cursor = snapshot.OpenCursor();
            while (cursor.MoveNext()) _ = cursor.Value.Length;
        });
    }

    private static void Replace(LmdbRowStore rows, int files)
    {
        const int changes = 100_000;
        var random = new Random(2);
        var writer = new RowBatchWriter();
        var names = new FileRows();
        var value = new byte[96];
        foreach (var perBatch in new[] { 1, 10, 100, 1000 })
        {
            Report.Measure($"attributes replaced at random, {perBatch} per transaction", changes, () =>
            {
                for (var i = 0; i < changes; i += perBatch)
                {
                    writer.Clear();
                    for (var k = 0; k < perBatch; k++)
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(value, i);
                        writer.Put(names.Inode(random.Next(files)), value);
                    }

                    rows.Apply(new RowBatchReader(writer.Written), new AppliedPosition(1, 1, 1));
                }
            });
        }
    }

    /// <summary>Keys of a file: (directory, name), (directory, cookie), inode.</summary>
    private sealed class FileRows
    {
        private readonly byte[] _name = new byte[9 + 20];
        private readonly byte[] _cookie = new byte[17];
        private readonly byte[] _inode = new byte[9];
        private readonly byte[] _attributes = new byte[96];

        public byte[] Name(int file)
        {
            _name[0] = (byte)'N';
            BinaryPrimitives.WriteInt64BigEndian(_name.AsSpan(1), file / FilesPerDirectory);
            var hash = unchecked((uint)file * 2654435761);
            hash.TryFormat(_name.AsSpan(9), out _, "x8", System.Globalization.CultureInfo.InvariantCulture);
            return _name;
        }

        public byte[] Inode(int file)
        {
            _inode[0] = (byte)'I';
            BinaryPrimitives.WriteInt64BigEndian(_inode.AsSpan(1), file);
            return _inode;
        }

        public void Write(RowBatchWriter writer, int file)
        {
            _cookie[0] = (byte)'D';
            BinaryPrimitives.WriteInt64BigEndian(_cookie.AsSpan(1), file / FilesPerDirectory);
            BinaryPrimitives.WriteInt64BigEndian(_cookie.AsSpan(9), file);
            writer.Put(Name(file), _attributes.AsSpan(0, 16));
            writer.Put(_cookie, _attributes.AsSpan(0, 28));
            writer.Put(Inode(file), _attributes);
        }
    }
}
