using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Nodes;

/// <summary>Everything a node has on its disk, opened: lock, superblock, journal, slices.</summary>
internal sealed class NodeDirectory : IDisposable
{
    private readonly DirectoryLock _lock;

    private NodeDirectory(LinuxDisk disk, DirectoryLock directoryLock)
    {
        Disk = disk;
        _lock = directoryLock;
    }

    public LinuxDisk Disk { get; }

    public required NodeStateFile Superblock { get; init; }

    public required JournalLog Journal { get; init; }

    public required SliceStore Slices { get; init; }

    public required bool IsSuspect { get; init; }

    /// <exception cref="NodeStartException">Another process has it, it belongs to another node or cluster, or the disk fails.</exception>
    public static NodeDirectory Open(BackendNodeOptions options, Action<Exception> failed)
    {
        LinuxDisk? disk = null;
        DirectoryLock? directoryLock = null;
        try
        {
            disk = new LinuxDisk(options.DataDirectory);
            directoryLock = DirectoryLock.TryTake(disk.DirectoryPath)
                ?? throw new NodeStartException($"{disk.DirectoryPath} is used by another process.");
            CheckDevice(options, disk);
            return Open(options, disk, directoryLock, failed);
        }
        catch (Exception e) when (e is DiskException or NodeStartException)
        {
            directoryLock?.Dispose();
            disk?.Dispose();
            if (e is NodeStartException) throw;
            throw new NodeStartException(e.Message, e);
        }
    }

    public void Dispose()
    {
        Slices.Dispose();
        Journal.Dispose();
        Superblock.Dispose();
        _lock.Dispose();
        Disk.Dispose();
    }

    /// <summary>The disk rules that are known before anything is read (PROTOCOL §3).</summary>
    private static void CheckDevice(BackendNodeOptions options, LinuxDisk disk)
    {
        if (MountTable.OptionsOf(options.ReadMounts(), disk.RealPath).Contains("data=journal"))
        {
            throw new NodeStartException(
                $"{disk.DirectoryPath} is mounted with data=journal, which reports failed writes too late: "
                + "mount it with data=ordered.");
        }

        if (DeviceFailures.IsFailed(disk))
        {
            throw new DeviceFailedException(
                $"The device of {disk.DirectoryPath} failed twice within a day: replace it, or examine it and delete "
                + $"{Path.Join(disk.DirectoryPath, DeviceFailures.FileName)}.");
        }
    }

    private static NodeDirectory Open(
        BackendNodeOptions options, LinuxDisk disk, DirectoryLock directoryLock, Action<Exception> failed)
    {
        var nameHash = HashOf(options.Node);
        var superblock = NodeStateFile.Open(disk, options.Cluster, nameHash, DrawIncarnation);
        if (superblock.Cluster != options.Cluster)
            throw new NodeStartException($"{disk.DirectoryPath} holds data of another cluster.");
        if (superblock.NameHash != nameHash)
            throw new NodeStartException($"{disk.DirectoryPath} holds the data of another node than {options.Node}.");

        var isSuspect = SuspectMark.IsSet(disk);
        var space = disk.Space;
        var journal = JournalOptions(options, space) with
        {
            Suspect = isSuspect,
            MustExist = superblock.Load() is not null,
        };
        var slices = SliceOptions(options, space, journal.SegmentBytes) with { Suspect = isSuspect };
        return new NodeDirectory(disk, directoryLock)
        {
            Superblock = superblock,
            Journal = JournalLog.Open(disk, journal),
            Slices = SliceStore.Open(disk, slices, failed),
            IsSuspect = isSuspect,
        };
    }

    private static JournalLogOptions JournalOptions(BackendNodeOptions options, DiskSpace space) => new()
    {
        SegmentBytes = options.JournalSegmentBytes > 0
            ? options.JournalSegmentBytes : JournalLogOptions.SegmentBytesFor(space),
    };

    /// <summary>The reserve: two segments for compaction to work with, four for the journal of what frees space.</summary>
    private static SliceStoreOptions SliceOptions(BackendNodeOptions options, DiskSpace space, long journalSegmentBytes)
    {
        var bytes = options.SliceSegmentBytes > 0 ? options.SliceSegmentBytes : SliceStoreOptions.SegmentBytesFor(space);
        return new SliceStoreOptions { SegmentBytes = bytes, ReserveBytes = 2 * bytes + 4 * journalSegmentBytes };
    }

    private static ulong HashOf(string name) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static ulong DrawIncarnation()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
    }
}
