using System.Runtime.InteropServices;
using Gateway.FileSystem;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Smb.Commands;

/// <summary>QUERY_INFO of the file system: MS-SMB2 3.3.5.20.2, MS-FSA 2.1.5.12.</summary>
internal static class QueryFileSystemInformation
{
    /// <summary>
    /// Not what it is, but what clients look for: Windows offers security settings, macOS named streams and Office its
    /// locking only on this name.
    /// </summary>
    private const string FileSystemName = "NTFS";

    private const uint LogicalSectorBytes = 512;
    private const uint PhysicalSectorBytes = SmbAttributes.ClusterBytes;

    public static async ValueTask<NtStatus> RunAsync(
        SmbRequest request, FileSystemInformationClass informationClass, int outputBytesMax)
    {
        var least = LeastBytes(informationClass);
        if (least == 0) return NtStatus.InvalidInfoClass;
        if (outputBytesMax < least) return NtStatus.InfoLengthMismatch;

        var files = request.Tree.Files;
        switch (informationClass)
        {
            case FileSystemInformationClass.Size or FileSystemInformationClass.FullSize:
                var statistics = await files.GetStatisticsAsync(request.Tree.Root, request.Aborted);
                if (statistics.Status != FileStatus.Ok) return statistics.Status.ToNtStatus();
                WriteSize(request, informationClass, statistics.Statistics);
                break;
            case FileSystemInformationClass.Volume:
                var root = await files.GetAttributesAsync(files.Root, request.Aborted);
                if (root.Status != FileStatus.Ok) return root.Status.ToNtStatus();
                WriteVolume(request, root.Attributes);
                break;
            default:
                WriteConstant(request, informationClass);
                break;
        }

        return InformationResponse.End(request, outputBytesMax);
    }

    /// <summary>What the buffer must hold at least; zero for a class that cannot be asked for.</summary>
    private static int LeastBytes(FileSystemInformationClass informationClass) => informationClass switch
    {
        FileSystemInformationClass.Volume => FileFsVolumeInformation.LeastBytes,
        FileSystemInformationClass.Size => FileFsFullSizeInformation.SizeBytes,
        FileSystemInformationClass.Device => FileFsDeviceInformation.Bytes,
        FileSystemInformationClass.Attribute => FileFsAttributeInformation.LeastBytes,
        FileSystemInformationClass.Control => FileFsControlInformation.Bytes,
        FileSystemInformationClass.FullSize => FileFsFullSizeInformation.Bytes,
        FileSystemInformationClass.ObjectId => FileFsObjectIdInformation.Bytes,
        FileSystemInformationClass.SectorSize => FileFsSectorSizeInformation.Bytes,
        _ => 0,
    };

    private static void WriteSize(
        SmbRequest request, FileSystemInformationClass informationClass, in FileSystemStatistics statistics)
    {
        var size = new FileFsFullSizeInformation
        {
            TotalAllocationUnits = statistics.TotalBytes / SmbAttributes.ClusterBytes,
            CallerAvailableAllocationUnits = statistics.AvailableBytes / SmbAttributes.ClusterBytes,
            ActualAvailableAllocationUnits = statistics.FreeBytes / SmbAttributes.ClusterBytes,
            SectorsPerAllocationUnit = SmbAttributes.ClusterBytes / LogicalSectorBytes,
            BytesPerSector = LogicalSectorBytes,
        };
        if (informationClass == FileSystemInformationClass.FullSize)
            size.Write(InformationResponse.Begin(request, FileFsFullSizeInformation.Bytes));
        else
            size.WriteSize(InformationResponse.Begin(request, FileFsFullSizeInformation.SizeBytes));
    }

    /// <summary>The label is the share's name, as every share looks like a drive of its own.</summary>
    private static void WriteVolume(SmbRequest request, in NodeAttributes root)
    {
        var label = MemoryMarshal.AsBytes(request.Tree.Share.Name.AsSpan());
        var target = InformationResponse.Begin(request, FileFsVolumeInformation.FixedBytes + label.Length);
        new FileFsVolumeInformation(root.BirthTime.ToFileTime(), SerialNumber(root.FileSystemId)).Write(target, label.Length);
        label.CopyTo(target[FileFsVolumeInformation.FixedBytes..]);
    }

    /// <summary>The 32 bits that this class has room for, of the volume's 64.</summary>
    private static uint SerialNumber(ulong fileSystemId) => (uint)((fileSystemId ^ (fileSystemId >> 32)) & uint.MaxValue);

    private static void WriteConstant(SmbRequest request, FileSystemInformationClass informationClass)
    {
        if (informationClass == FileSystemInformationClass.Attribute)
        {
            WriteAttributes(request);
            return;
        }

        var target = InformationResponse.Begin(request, LeastBytes(informationClass));
        switch (informationClass)
        {
            case FileSystemInformationClass.Device:
                var readOnly = request.Tree.Share.IsReadOnly ? FileFsDeviceInformation.ReadOnly : 0;
                new FileFsDeviceInformation(
                    FileFsDeviceInformation.Disk, FileFsDeviceInformation.IsMounted | readOnly).Write(target);
                break;
            case FileSystemInformationClass.Control:
                FileFsControlInformation.WriteWithoutQuotas(target);
                break;
            case FileSystemInformationClass.ObjectId:
                FileFsObjectIdInformation.Write(target, request.Tree.Files.VolumeId);
                break;
            default:
                new FileFsSectorSizeInformation(LogicalSectorBytes, PhysicalSectorBytes).Write(target);
                break;
        }
    }

    private static void WriteAttributes(SmbRequest request)
    {
        var name = MemoryMarshal.AsBytes(FileSystemName.AsSpan());
        var target = InformationResponse.Begin(request, FileFsAttributeInformation.FixedBytes + name.Length);
        new FileFsAttributeInformation(Attributes(request), FileSystemLimits.NameBytesMax).Write(target, name.Length);
        name.CopyTo(target[FileFsAttributeInformation.FixedBytes..]);
    }

    /// <summary>
    /// What this file system does; of what it does not (compression, encryption, quotas, object ids, transactions, opening
    /// by id) nothing is said.
    /// </summary>
    private static FileSystemAttributes Attributes(SmbRequest request)
    {
        // Case-sensitive search is what NFS sees of it; NTFS announces it for the same reason.
        var attributes = FileSystemAttributes.CaseSensitiveSearch
            | FileSystemAttributes.CasePreservedNames
            | FileSystemAttributes.UnicodeOnDisk
            | FileSystemAttributes.PersistentAcls
            | FileSystemAttributes.SupportsSparseFiles
            | FileSystemAttributes.SupportsReparsePoints
            | FileSystemAttributes.SupportsHardLinks
            | FileSystemAttributes.SupportsExtendedAttributes
            | FileSystemAttributes.SupportsBlockRefcounting;
        var share = request.Tree.Share;
        if (share.HasStreams) attributes |= FileSystemAttributes.NamedStreams;
        return share.IsReadOnly ? attributes | FileSystemAttributes.ReadOnlyVolume : attributes;
    }
}
