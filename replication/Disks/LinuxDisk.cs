using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Replication.Disks;

/// <summary>
/// A directory of a Linux file system. Every durable step is the exact system call, its error checked:
/// ENOSPC and EDQUOT are <see cref="DiskFault.Full"/>, all else is <see cref="DiskFault.Failed"/>.
/// </summary>
/// <remarks>Threading: the directory may be used from any thread; each file by one thread at a time for writes,
/// by any number for reads.</remarks>
public sealed class LinuxDisk : IDisk, IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _directory;

    /// <summary>Opens a directory, creating it and its parents when missing.</summary>
    /// <exception cref="DiskException">The directory cannot be created or opened.</exception>
    public LinuxDisk(string path)
    {
        _path = Path.GetFullPath(path);
        CreateDirectories(_path);
        _directory = OpenHandle(_path, Libc.ReadOnly | Libc.Directory | Libc.CloseOnExec);
    }

    public string DirectoryPath => _path;

    /// <summary>The directory's path without symbolic links, as the kernel knows it.</summary>
    public string RealPath =>
        new FileInfo($"/proc/self/fd/{_directory.DangerousGetHandle()}").LinkTarget ?? _path;

    public DiskSpace Space
    {
        get
        {
            if (Libc.FStatVfs(_directory, out var status) != 0) throw Failure("statvfs", _path);
            var unit = (long)status.FragmentBytes;
            return new DiskSpace(
                checked((long)status.Fragments * unit), checked((long)status.FragmentsAvailable * unit));
        }
    }

    public IReadOnlyList<string> List()
    {
        try
        {
            var names = Directory.GetFiles(_path);
            for (var i = 0; i < names.Length; i++) names[i] = Path.GetFileName(names[i]);
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiskException(DiskFault.Failed, $"Cannot list {_path}: {e.Message}", e);
        }
    }

    public IDiskFile Open(string name)
    {
        var path = PathOf(name);
        return new LinuxDiskFile(OpenHandle(path, Libc.ReadWrite | Libc.CloseOnExec), path);
    }

    public IDiskFile Create(string name)
    {
        var path = PathOf(name);
        return new LinuxDiskFile(OpenHandle(path, Libc.ReadWrite | Libc.CreateNew | Libc.CloseOnExec), path);
    }

    public void Rename(string from, string to)
    {
        if (Libc.Rename(PathOf(from), PathOf(to)) != 0) throw Failure("rename", PathOf(from));
    }

    public void Delete(string name)
    {
        if (Libc.Unlink(PathOf(name)) != 0) throw Failure("unlink", PathOf(name));
    }

    public void SyncDirectory()
    {
        if (Libc.FSync(_directory) != 0) throw Failure("fsync", _path);
    }

    public void Dispose() => _directory.Dispose();

    internal static SafeFileHandle OpenHandle(string path, int flags)
    {
        while (true)
        {
            var handle = Libc.Open(path, flags, 0x180); // rw-------: journal bytes are users' data, the control record has their secrets.
            if (!handle.IsInvalid) return handle;

            handle.Dispose();
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw Failure("open", path);
        }
    }

    /// <summary>The exception for the error the last system call of this thread left.</summary>
    internal static DiskException Failure(string call, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        var fault = error is Libc.NoSpace or Libc.QuotaExceeded ? DiskFault.Full : DiskFault.Failed;
        return new DiskException(fault, $"{call} of {path} failed: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    private string PathOf(string name)
    {
        if (name.Length == 0 || name is "." or ".." || name.Contains('/'))
            throw new ArgumentException($"'{name}' is no single path component.", nameof(name));

        return Path.Join(_path, name);
    }

    /// <summary>A directory entry is durable only when its parent was flushed, so each new level is.</summary>
    private static void CreateDirectories(string path)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("The disk rules are written for Linux.");

        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        var missing = new Stack<string>();
        for (var at = path; at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at)) missing.Push(at);
        try
        {
            foreach (var level in missing)
            {
                Directory.CreateDirectory(level, mode);
                using var parent = OpenHandle(Path.GetDirectoryName(level)!, Libc.ReadOnly | Libc.Directory | Libc.CloseOnExec);
                if (Libc.FSync(parent) != 0) throw Failure("fsync", level);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiskException(DiskFault.Failed, $"Cannot create {path}: {e.Message}", e);
        }
    }
}
