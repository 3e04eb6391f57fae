using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Replication.Disks;

/// <summary>
/// Keeps a second process out of a directory (flock on a file in it). The kernel drops it when the process ends,
/// however it ends.
/// </summary>
public sealed class DirectoryLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private DirectoryLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock; null when another process, or another holder in this one, has it.</summary>
    /// <exception cref="DiskException">The lock file cannot be opened or locked for another reason.</exception>
    public static DirectoryLock? TryTake(string directory)
    {
        var path = Path.Join(directory, "lock");
        var file = OpenOrCreate(path);
        if (Libc.FLock(file, Libc.LockExclusive | Libc.LockNonBlocking) == 0) return new DirectoryLock(file);

        var refused = Marshal.GetLastPInvokeError() == Libc.WouldBlock;
        var failure = refused ? null : LinuxDisk.Failure("flock", path);
        file.Dispose();
        return refused ? null : throw failure!;
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle OpenOrCreate(string path)
    {
        const int create = 0x40;
        return LinuxDisk.OpenHandle(path, Libc.ReadWrite | create | Libc.CloseOnExec);
    }
}
