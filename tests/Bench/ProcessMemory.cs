using System.Globalization;

namespace Gateway.Bench;

/// <summary>What a process takes, from <c>/proc/PID/status</c>, in bytes.</summary>
internal static class ProcessMemory
{
    public static long Resident(int pid) => Read(pid, "VmRSS:");

    public static long ResidentPeak(int pid) => Read(pid, "VmHWM:");

    private static long Read(int pid, string name)
    {
        foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
                return long.Parse(line.AsSpan(name.Length).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }

        return 0;
    }
}
