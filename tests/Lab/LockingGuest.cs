using System.Globalization;

namespace Gateway.Lab;

/// <summary>
/// A kernel client with a bare NFS mount, and one of SMB when there is a user, whose processes take locks on command
/// (<c>guest/locks.sh</c>).
/// </summary>
internal sealed class LockingGuest : IDisposable
{
    /// <summary>Where the share is mounted by SMB; a path that does not begin with it is below the NFS mount.</summary>
    public const string SmbMount = "/mnt/smb";

    private static readonly TimeSpan CommandMax = TimeSpan.FromSeconds(60);

    private GuestKernel _kernel;
    private int _commands;

    private LockingGuest(GuestKernel kernel) => _kernel = kernel;

    public static async Task<LockingGuest> BootAsync(LabNetwork network, LabDirectory directory, SmbUser? user = null)
    {
        Dictionary<string, string> variables = user is null ? [] : new() { ["LAB_CREDENTIALS"] = user.CredentialsFile };
        var guest = new LockingGuest(await GuestKernel.BootAsync(network, directory, "locks.sh", variables, 256));
        await guest.ReadyAsync();
        return guest;
    }

    /// <summary>A process asks for a lock; <see cref="StateAsync"/> tells how it went.</summary>
    /// <param name="name">Of the process, used once.</param>
    /// <param name="request">PATH fcntl|flock read|write START LENGTH try|wait</param>
    public Task AskAsync(string name, string request)
    {
        File.Delete(StatePath(name));
        return RunAsync($"hold {name} {request}");
    }

    /// <summary>"held" or the name of the error; null when the process still waits after that time.</summary>
    public async Task<string?> StateAsync(string name, TimeSpan within) =>
        await Poll.UntilAsync(() => File.Exists(StatePath(name)), within) ? File.ReadAllText(StatePath(name)) : null;

    /// <summary>Asks, and waits for the answer.</summary>
    public async Task<string?> LockAsync(string name, string request)
    {
        await AskAsync(name, request);
        return await StateAsync(name, CommandMax);
    }

    /// <summary>The process dies; its kernel gives up what it held.</summary>
    public Task ReleaseAsync(string name) => RunAsync($"release {name}");

    public async Task<string> RunAsync(string command)
    {
        var number = (++_commands).ToString(CultureInfo.InvariantCulture);
        var path = Path.Combine(_kernel.Work, "go." + number);
        await File.WriteAllTextAsync(path + ".new", command + "\n");
        File.Move(path + ".new", path);
        if (!await _kernel.MarkedAsync(number, CommandMax))
            throw new InvalidOperationException($"No answer to: {command}");

        return await File.ReadAllTextAsync(Path.Combine(_kernel.Work, "mark." + number));
    }

    /// <summary>Loses power, and comes back.</summary>
    public async Task ResetAsync()
    {
        using (_kernel)
            _kernel = await _kernel.ResetAsync();
        _commands = 0;
        await ReadyAsync();
    }

    public void Dispose() => _kernel.Dispose();

    private async Task ReadyAsync()
    {
        if (!await _kernel.MarkedAsync("ready", CommandMax))
            throw new InvalidOperationException("The locking guest is not ready.");

        var mounted = await RunAsync("grep ' nfs ' /proc/mounts");
        if (mounted.Length == 0)
            throw new InvalidOperationException(File.ReadAllText(Path.Combine(_kernel.Work, "start.log")));
    }

    private string StatePath(string name) => Path.Combine(_kernel.Work, "state." + name);
}
