using Gateway.Replication.Disks;

namespace Gateway.Simulation.Disks;

/// <summary>An open file of a <see cref="SimulatedDisk"/>, dead after the next crash.</summary>
internal sealed class SimulatedHandle(SimulatedDisk disk, SimulatedFile file) : IDiskFile
{
    private readonly int _generation = disk.Generation;
    private bool _disposed;

    public long Length
    {
        get
        {
            Check();
            return file.Length;
        }
    }

    public int Read(long offset, Span<byte> destination)
    {
        Check();
        return file.Read(offset, destination);
    }

    public int ReadMedium(long offset, Span<byte> destination)
    {
        Check();
        return file.ReadMedium(offset, destination);
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        Check();
        disk.BeforeFileChange();
        disk.Grow(file, offset + data.Length);
        if (disk.WriteFails())
        {
            file.Write(offset, data[..(data.Length / 2)], disk.WritesBack);
            throw new DiskException(DiskFault.Failed, "Input/output error at a simulated write.");
        }

        file.Write(offset, data, disk.WritesBack);
    }

    public void Allocate(long length)
    {
        Check();
        disk.BeforeFileChange();
        disk.Grow(file, length);
        file.Extend(length);
    }

    public void StartWriteback(long offset, long bytes) => Check();

    public void Sync()
    {
        Check();
        disk.BeforeFileChange();
        disk.Sync(file);
    }

    public void Dispose() => _disposed = true;

    private void Check()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_generation != disk.Generation)
            throw new InvalidOperationException("A file was used after the simulated machine or process had died.");
    }
}
