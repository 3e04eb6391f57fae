using System.Diagnostics;

namespace Gateway.EtcdServer;

/// <summary>Debian's etcd and its tools.</summary>
public static class EtcdPrograms
{
    public static string Server => Find("etcd", "etcd-server");

    /// <summary>Runs <c>etcdctl</c> and gives what it printed.</summary>
    public static async Task<string> ControlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Find("etcdctl", "etcd-client"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ETCDCTL_API"] = "3";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"etcdctl {string.Join(' ', arguments)}: {await error}{output}");
    }

    private static string Find(string program, string package) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Append("/usr/bin")
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            $"{program} is missing; install it with: sudo apt-get install --no-install-recommends {package}");
}
