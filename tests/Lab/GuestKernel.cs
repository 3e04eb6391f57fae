using System.Globalization;

namespace Gateway.Lab;

/// <summary>
/// A real Linux kernel as the client: User-Mode Linux in the namespace of the lab, running one script of
/// <c>tests/Lab/guest</c> as root. Host and script talk through files in a directory that both see.
/// </summary>
internal sealed class GuestKernel : IDisposable
{
    private static readonly TimeSpan BootMax = TimeSpan.FromSeconds(90);

    private readonly HostProcess _kernel;
    private readonly IReadOnlyList<string> _command;
    private readonly string _work;
    private readonly string _script;

    private GuestKernel(IReadOnlyList<string> command, string work, string script)
    {
        // It keeps its memory in an unlinked file: under /tmp that may be a small tmpfs.
        _kernel = new HostProcess(command, new Dictionary<string, string> { ["TMPDIR"] = "/var/tmp" });
        _command = command;
        _work = work;
        _script = script;
    }

    /// <summary>The directory that both sides see.</summary>
    public string Work => _work;

    public bool HasEnded => _kernel.HasExited;

    public static async Task<GuestKernel> BootAsync(
        LabNetwork network,
        LabDirectory directory,
        string script,
        IReadOnlyDictionary<string, string>? variables = null,
        int memoryMebibytes = 1024)
    {
        var (number, tap) = network.AddGuest();
        var work = directory[string.Create(CultureInfo.InvariantCulture, $"guest{number}")];
        Directory.CreateDirectory(Path.Combine(work, "guest"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(LabRun.Repository, "tests/Lab/guest")))
            File.Copy(file, Path.Combine(work, "guest", Path.GetFileName(file)));

        var init = Path.Combine(work, "guest/init.sh");
        File.SetUnixFileMode(init, File.GetUnixFileMode(init) | UnixFileMode.UserExecute);
        List<string> command =
        [
            .. network.Prefix, "linux.uml", $"mem={memoryMebibytes}M", "root=/dev/root", "rootfstype=hostfs",
            "rootflags=/", "rw", $"init={init}", $"eth0=tuntap,{tap}", "con=null", "con0=fd:0,fd:1", "quiet",
            $"LAB_WORK={work}", $"LAB_ADDRESS={LabNetwork.AddressOf(number)}", $"LAB_HOST={LabNetwork.HostAddress}",
            $"LAB_SCRIPT={script}", $"LAB_GUEST=guest{number}",
            $"LAB_MOUNT_PORT={Environment.GetEnvironmentVariable("LAB_MOUNT_PORT") ?? "2049"}",
            $"LAB_CHECKS={Environment.GetEnvironmentVariable("LAB_CHECKS")?.Replace(' ', ',')}",
            .. (variables ?? new Dictionary<string, string>()).Select(item => $"{item.Key}={item.Value}"),
        ];
        var guest = new GuestKernel(command, work, script);
        await guest.BootedAsync();
        return guest;
    }

    /// <summary>Power off without a word, and on again: the same machine, whose script starts anew.</summary>
    public async Task<GuestKernel> ResetAsync()
    {
        await _kernel.KillTreeAsync();
        foreach (var pattern in new[] { "mark.*", "go.*", "rc", "out" })
        {
            foreach (var file in Directory.EnumerateFiles(_work, pattern))
                File.Delete(file);
        }

        var guest = new GuestKernel(_command, _work, _script);
        await guest.BootedAsync();
        return guest;
    }

    /// <summary>Waits until the script calls <c>mark NAME</c>.</summary>
    public Task<bool> MarkedAsync(string name, TimeSpan within) =>
        Poll.UntilAsync(() => File.Exists(Path.Combine(_work, "mark." + name)), within);

    /// <summary>A number that the script writes as it gets on, from a file it names so; 0 before the first.</summary>
    public int Count(string name)
    {
        var file = Path.Combine(_work, name);
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var count)
            ? count
            : 0;
    }

    /// <summary>Releases an <c>await NAME</c> of the script.</summary>
    public void Go(string name) => File.WriteAllText(Path.Combine(_work, "go." + name), "");

    /// <summary>Waits for the end of the script; what has no result by then has failed.</summary>
    public async Task<GuestReport> ReportAsync(TimeSpan within)
    {
        var code = Path.Combine(_work, "rc");
        var ended = await Poll.UntilAsync(() => File.Exists(code) || _kernel.HasExited, within);
        if (ended)
            await _kernel.EndAsync(TimeSpan.FromSeconds(10));
        else
            await _kernel.KillAsync();

        var end = ended ? $"{_script} has ended" : $"{_script} had no end in {within.TotalSeconds} s";
        return GuestReport.Read(_work, end, _kernel.Tail);
    }

    public void Dispose() => _kernel.Dispose();

    private async Task BootedAsync()
    {
        if (await MarkedAsync("booted", BootMax))
            return;

        var console = _kernel.Tail;
        Dispose();
        throw new InvalidOperationException($"The guest kernel did not boot: {console}");
    }
}
