using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Replication.Disks;

/// <summary>One open file of a <see cref="LinuxDisk"/>.</summary>
/// <remarks>
/// <see cref="ReadMedium"/> uses a second descriptor with O_DIRECT and an aligned bounce buffer. Where the file system
/// refuses O_DIRECT (tmpfs before Linux 6.6, some FUSE and network file systems) it drops the file's clean pages
/// (POSIX_FADV_DONTNEED) and reads normally: dirty pages stay, but a recovery scan reads files this process has not
/// written to, and pages that a failed flush marked clean are dropped, which is what the scan is about.
/// </remarks>
internal sealed unsafe class LinuxDiskFile(SafeFileHandle file, string path) : IDiskFile
{
    private const int AlignmentBytes = 4096;
    private const int BounceBytesMax = 1 << 20;
    private const int SeekEnd = 2;

    private readonly Lock _directGate = new();
    private SafeFileHandle? _direct;
    private bool _directRefused;

    public long Length
    {
        get
        {
            var length = Libc.Seek(file, 0, SeekEnd);
            return length >= 0 ? length : throw LinuxDisk.Failure("lseek", path);
        }
    }

    public int Read(long offset, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            var done = ReadLoop(file, offset, start, destination.Length);
            return done >= 0 ? done : throw LinuxDisk.Failure("pread", path);
        }
    }

    public bool TryReadCached(long offset, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            // Any failure, and a file system that cannot do it, leaves it to the read that may wait.
            var whole = new Libc.IoVector { Start = start, Bytes = (nuint)destination.Length };
            return Libc.PReadV2(file, &whole, 1, offset, Libc.NoWait) == destination.Length;
        }
    }

    public int ReadMedium(long offset, Span<byte> destination)
    {
        if (destination.IsEmpty) return 0;

        var direct = OpenDirect();
        if (direct is null) return ReadWithoutCleanPages(offset, destination);

        fixed (byte* start = destination)
        {
            // A recovery scan brings whole aligned segments; they need no second copy.
            if ((nuint)start % AlignmentBytes == 0 && offset % AlignmentBytes == 0 && destination.Length % AlignmentBytes == 0)
            {
                var whole = ReadLoop(direct, offset, start, destination.Length);
                if (whole >= 0) return whole;
                if (Marshal.GetLastPInvokeError() != Libc.InvalidArgument) throw LinuxDisk.Failure("pread", path);
            }
        }

        return ReadThroughBounce(direct, offset, destination);
    }

    private int ReadThroughBounce(SafeFileHandle direct, long offset, Span<byte> destination)
    {
        var bounceBytes = (int)Math.Min(BounceBytesMax, AlignUp(destination.Length + AlignmentBytes));
        var bounce = (byte*)NativeMemory.AlignedAlloc((nuint)bounceBytes, AlignmentBytes);
        try
        {
            var done = 0;
            while (done < destination.Length)
            {
                var from = (offset + done) & -AlignmentBytes;
                var skip = (int)(offset + done - from);
                var ask = (int)Math.Min(bounceBytes, AlignUp(skip + destination.Length - done));
                var got = ReadLoop(direct, from, bounce, ask);
                if (got < 0)
                {
                    if (Marshal.GetLastPInvokeError() != Libc.InvalidArgument) throw LinuxDisk.Failure("pread", path);
                    _directRefused = true;
                    return ReadWithoutCleanPages(offset, destination);
                }

                var usable = Math.Min(got - skip, destination.Length - done);
                if (usable <= 0) break;
                new ReadOnlySpan<byte>(bounce + skip, usable).CopyTo(destination[done..]);
                done += usable;
                if (got < ask) break;
            }

            return done;
        }
        finally
        {
            NativeMemory.AlignedFree(bounce);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            var done = 0;
            while (done < data.Length)
            {
                var wrote = Libc.PWrite(file, start + done, (nuint)(data.Length - done), offset + done);
                if (wrote > 0) done += (int)wrote;
                else if (wrote == 0 || Marshal.GetLastPInvokeError() != Libc.Interrupted) throw LinuxDisk.Failure("pwrite", path);
            }
        }
    }

    public void Allocate(long length)
    {
        while (Libc.FAllocate(file, 0, 0, length) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.Interrupted:
                    break;
                case Libc.NotSupported:
                    WriteZeroes(Length, length);
                    return;
                default:
                    throw LinuxDisk.Failure("fallocate", path);
            }
        }
    }

    public void StartWriteback(long offset, long bytes)
    {
        if (Libc.SyncFileRange(file, offset, bytes, Libc.BeginWriteback) == 0) return;

        // Where there is no such call the flush does it all. What fails on the way later is the flush's to report.
        if (Marshal.GetLastPInvokeError() is Libc.InputOutput or Libc.NoSpace or Libc.QuotaExceeded)
            throw LinuxDisk.Failure("sync_file_range", path);
    }

    public void Sync()
    {
        // Not even EINTR is retried: the kernel may have marked the pages clean already.
        if (Libc.FDataSync(file) != 0) throw LinuxDisk.Failure("fdatasync", path);
    }

    public void Dispose()
    {
        file.Dispose();
        _direct?.Dispose();
    }

    private static long AlignUp(long bytes) => (bytes + AlignmentBytes - 1) & -AlignmentBytes;

    /// <summary>Bytes read, fewer than asked only at the end of the file; -1 with the error left for the caller.</summary>
    private static int ReadLoop(SafeFileHandle handle, long offset, byte* destination, int count)
    {
        var done = 0;
        while (done < count)
        {
            var got = Libc.PRead(handle, destination + done, (nuint)(count - done), offset + done);
            if (got == 0) break;
            if (got > 0) done += (int)got;
            else if (Marshal.GetLastPInvokeError() != Libc.Interrupted) return -1;

            // A direct read that stops off the grid has met the end of the file; going on would be refused.
            var isShort = got > 0 && got % AlignmentBytes != 0 && done < count;
            if (isShort && offset % AlignmentBytes == 0 && IsAtEnd(handle, offset + done)) break;
        }

        return done;
    }

    private static bool IsAtEnd(SafeFileHandle handle, long position) => Libc.Seek(handle, 0, SeekEnd) <= position;

    private SafeFileHandle? OpenDirect()
    {
        lock (_directGate)
        {
            if (_direct is not null || _directRefused) return _directRefused ? null : _direct;

            // Through the descriptor, not the path: the file may have been renamed since it was opened.
            var handle = Libc.Open($"/proc/self/fd/{file.DangerousGetHandle()}", Libc.ReadOnly | Libc.Direct | Libc.CloseOnExec, 0);
            if (!handle.IsInvalid) return _direct = handle;

            handle.Dispose();
            if (Marshal.GetLastPInvokeError() != Libc.InvalidArgument) throw LinuxDisk.Failure("open", path);
            _directRefused = true;
            return null;
        }
    }

    private int ReadWithoutCleanPages(long offset, Span<byte> destination)
    {
        _ = Libc.FAdvise(file, offset & -AlignmentBytes, AlignUp(destination.Length + AlignmentBytes), Libc.AdviseDontNeed);
        return Read(offset, destination);
    }

    private void WriteZeroes(long from, long to)
    {
        var zeroes = new byte[Math.Min(BounceBytesMax, Math.Max(0, to - from))];
        for (var at = from; at < to; at += zeroes.Length)
            Write(at, zeroes.AsSpan(0, (int)Math.Min(zeroes.Length, to - at)));
    }
}
