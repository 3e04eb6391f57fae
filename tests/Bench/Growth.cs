using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Bench;

/// <summary>
/// Creates files until there are many, and compares what one costs at the end with what one cost near the first
/// 10,000. A file is several rows, so the millions of rows come before the millions of files.
/// </summary>
internal sealed class Growth(Target target, LoadSize size, int pid)
{
    private const int FilesPerDirectory = 100_000;
    private const int WindowFiles = 10_000;
    private const int ReportFiles = 100_000;
    private const double CostRatioMax = 1.5;

    private Nfs3Handle _directory;

    /// <summary>Returns false when the cost has grown by more than half.</summary>
    public bool Run(TextWriter output, uint firstXid)
    {
        using var share = target.Mount(firstXid);
        var pipeline = share.Pipeline(size.Depth);
        // The first window warms the server up; the second is the measure.
        var windows = new List<double>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < size.Files; i++)
        {
            if (i % FilesPerDirectory == 0)
            {
                pipeline.Drain(0, Check);
                _directory = MakeDirectory(share, i / FilesPerDirectory);
            }

            pipeline.Drain(size.Depth - 1, Check);
            Create(pipeline, i);
            if ((i + 1) % WindowFiles == 0)
            {
                windows.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / WindowFiles);
                started = Stopwatch.GetTimestamp();
            }

            if ((i + 1) % ReportFiles == 0)
                Report(output, i + 1, windows);
        }

        pipeline.Drain(0, Check);
        return windows.Count < 3 || Verdict(output, windows);
    }

    private static Nfs3Handle MakeDirectory(NfsShare share, int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"growth.{number}");
        var made = share.MkDir(share.Root, name);
        return made.Status switch
        {
            Nfs3Status.Ok => made.Handle!.Value,
            Nfs3Status.Exists => share.Lookup(share.Root, name).Handle,
            _ => throw new NfsStatusException("MKDIR", made.Status),
        };
    }

    private static void Check(long tag, ReadOnlySpan<byte> result)
    {
        if (!NewObjectRes.TryParse(result, out var created) || created.Status != Nfs3Status.Ok)
            throw new NfsStatusException("CREATE", created.Status);
    }

    private void Create(CallPipeline pipeline, int i)
    {
        Span<byte> name = stackalloc byte[16];
        var length = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"f{i}"), name);
        var writer = pipeline.Begin(Nfs3Procedure.Create, i, out var start);
        new CreateArgs
        {
            Where = new DirOpArgs { Directory = _directory.Span, Name = name[..length] },
            Mode = Nfs3CreateMode.Unchecked,
            Attributes = new Nfs3SetAttributes { Mode = 0x1A4 },
        }.Write(writer);
        pipeline.End(start);
    }

    private void Report(TextWriter output, int files, List<double> windows) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{files,10} files: {Median(windows[^10..]),7:0.0} us each, resident {ResidentMebibytes} MiB"));

    private long ResidentMebibytes => pid == 0 ? 0 : ProcessMemory.Resident(pid) >> 20;

    private static bool Verdict(TextWriter output, List<double> windows)
    {
        var first = Median(windows[1..Math.Min(windows.Count, 6)]);
        var last = Median(windows[^Math.Min(windows.Count, 10)..]);
        var met = last <= CostRatioMax * first;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"a file costs {first:0.0} us near the first 10,000, {last:0.0} us at the end: {last / first:0.00}x;"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{CostRatioMax}x is {(met ? "met" : "MISSED")}"));
        return met;
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
