using System.Diagnostics;

namespace Gateway.RowsBench;

internal static class Report
{
    /// <summary>Runs and prints the rate, and the processor time of this process per item.</summary>
    public static double Measure(string what, long count, Action run)
    {
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        run();
        watch.Stop();
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        Print(what, count, watch.Elapsed, cpu, GC.GetTotalAllocatedBytes() - allocated);
        return watch.Elapsed.TotalMicroseconds / count;
    }

    public static void Print(string what, long count, TimeSpan elapsed, TimeSpan cpu, long allocated) =>
        Console.Out.WriteLine(
            $"{what,-44} {count / elapsed.TotalSeconds,12:N0}/s {elapsed.TotalMicroseconds / count,8:N3} us"
            + $" {cpu.TotalMicroseconds / count,8:N3} us cpu {(double)allocated / count,8:N0} B");
}
