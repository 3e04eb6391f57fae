using System.Runtime.InteropServices;
using Gateway.Replication.Disks;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Replication.Rows;

/// <summary>
/// Allocates disk space of a mapped file ahead of its use, so that a full disk is an error and no signal.
/// </summary>
internal sealed class LmdbSpace(string path) : IDisposable
{
    private const long StepBytes = 16 << 20;

    private readonly SafeFileHandle _file = LinuxDisk.OpenHandle(path, Libc.ReadWrite | Libc.CloseOnExec);
    private long _allocatedBytes;

    /// <exception cref="DiskException">The disk is full.</exception>
    public void Ensure(long bytes)
    {
        if (bytes <= _allocatedBytes) return;
        var next = (bytes / StepBytes + 1) * StepBytes;

        // A disk that is nearly full may still have what this transaction needs.
        if (!TryAllocate(next) && !TryAllocate(bytes)) throw LinuxDisk.Failure("fallocate", path);
    }

    public void Dispose() => _file.Dispose();

    private bool TryAllocate(long bytes)
    {
        const int keepSize = 1;
        if (Libc.FAllocate(_file, keepSize, _allocatedBytes, bytes - _allocatedBytes) == 0)
        {
            _allocatedBytes = bytes;
            return true;
        }

        // File systems without it allocate when pages are written; there the risk stays.
        if (Marshal.GetLastPInvokeError() != Libc.NotSupported) return false;
        _allocatedBytes = long.MaxValue;
        return true;
    }
}
