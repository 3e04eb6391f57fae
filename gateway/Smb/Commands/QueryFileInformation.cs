using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>QUERY_INFO of a file, all classes but the extended attributes: MS-SMB2 3.3.5.20.1, MS-FSA 2.1.5.11.</summary>
internal static class QueryFileInformation
{
    /// <summary>A length, and the one character that the structure in C ends with, padded.</summary>
    private const int NameLeastBytes = 8;

    /// <summary>As <see cref="NameLeastBytes"/>, with the classes in front.</summary>
    private const int AllLeastBytes = 104;

    /// <summary>A stream's entry, with its one character and padding.</summary>
    private const int StreamLeastBytes = 32;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<NtStatus> RunAsync(
        SmbRequest request, SmbOpen open, FileInformationClass informationClass, int outputBytesMax)
    {
        var file = open.File!;
        var status = Check(request, informationClass, file.Access, outputBytesMax);
        if (status != NtStatus.Success) return status;

        var described = await file.GetAttributesAsync(request.Aborted);
        if (described.Status != FileStatus.Ok) return described.Status.ToNtStatus();

        var shown = open.Show(described.Attributes);
        if (TellsName(informationClass))
        {
            var name = await OpenNames.ShowAsync(file, informationClass, request.Aborted);
            if (name is null) return NtStatus.ObjectNameNotFound;
            WriteNamed(request, open, informationClass, shown, name);
        }
        else if (informationClass == FileInformationClass.Stream)
        {
            status = await QueryStreams.WriteAsync(request, file, shown, outputBytesMax);
            if (status != NtStatus.Success) return status;
        }
        else
        {
            WriteFixed(request, open, informationClass, shown);
        }

        return InformationResponse.End(request, outputBytesMax);
    }

    private static NtStatus Check(
        SmbRequest request, FileInformationClass informationClass, AccessMask granted, int outputBytesMax)
    {
        var least = LeastBytes(informationClass);
        if (least == 0) return NtStatus.InvalidInfoClass;

        // MS-SMB2 3.3.5.20.1: the class came with 3.1.1.
        if (informationClass == FileInformationClass.NormalizedName && request.Connection.Dialect != Smb2Dialect.Smb311)
            return NtStatus.NotSupported;
        if (NeedsReadAttributes(informationClass) && (granted & AccessMask.ReadAttributes) == 0) return NtStatus.AccessDenied;
        return outputBytesMax < least ? NtStatus.InfoLengthMismatch : NtStatus.Success;
    }

    /// <summary>What the buffer must hold at least; zero for a class that cannot be asked for.</summary>
    private static int LeastBytes(FileInformationClass informationClass) => informationClass switch
    {
        FileInformationClass.Basic => FileBasicInformation.Bytes,
        FileInformationClass.Standard => FileStandardInformation.Bytes,
        FileInformationClass.Internal or FileInformationClass.Position => FileScalarInformation.LongBytes,
        FileInformationClass.Ea or FileInformationClass.Access or FileInformationClass.Mode or FileInformationClass.Alignment =>
            FileScalarInformation.ShortBytes,
        FileInformationClass.All => AllLeastBytes,
        FileInformationClass.Name or FileInformationClass.AlternateName or FileInformationClass.NormalizedName => NameLeastBytes,
        FileInformationClass.Stream => StreamLeastBytes,
        FileInformationClass.Compression => FileCompressionInformation.Bytes,
        FileInformationClass.NetworkOpen => FileNetworkOpenInformation.Bytes,
        FileInformationClass.AttributeTag => FileAttributeTagInformation.Bytes,
        FileInformationClass.StandardLink => FileStandardLinkInformation.Bytes,
        FileInformationClass.Id => FileIdInformation.Bytes,
        _ => 0,
    };

    private static bool TellsName(FileInformationClass informationClass) => informationClass
        is FileInformationClass.All
        or FileInformationClass.Name
        or FileInformationClass.AlternateName
        or FileInformationClass.NormalizedName;

    private static bool NeedsReadAttributes(FileInformationClass informationClass) => informationClass
        is FileInformationClass.Basic
        or FileInformationClass.All
        or FileInformationClass.NetworkOpen
        or FileInformationClass.AttributeTag;

    private static void WriteNamed(
        SmbRequest request, SmbOpen open, FileInformationClass informationClass, in NodeAttributes attributes, string name)
    {
        var nameBytes = name.Length * sizeof(char);
        var isAll = informationClass == FileInformationClass.All;
        var fixedBytes = isAll ? FileAllInformation.FixedBytes : FileNameInformation.FixedBytes;
        var target = InformationResponse.Begin(request, fixedBytes + nameBytes);
        if (isAll) All(open, attributes).Write(target, nameBytes);
        else FileNameInformation.Write(target, nameBytes);
        MemoryMarshal.AsBytes(name.AsSpan()).CopyTo(target[fixedBytes..]);
    }

    private static void WriteFixed(
        SmbRequest request, SmbOpen open, FileInformationClass informationClass, in NodeAttributes attributes)
    {
        var target = InformationResponse.Begin(request, LeastBytes(informationClass));
        switch (informationClass)
        {
            case FileInformationClass.Basic:
                Basic(attributes).Write(target);
                break;
            case FileInformationClass.Standard:
                Standard(open, attributes).Write(target);
                break;
            case FileInformationClass.Compression:
                new FileCompressionInformation(attributes.EndOfFile()).Write(target);
                break;
            case FileInformationClass.NetworkOpen:
                NetworkOpen(attributes).Write(target);
                break;
            case FileInformationClass.AttributeTag:
                new FileAttributeTagInformation(attributes.ToSmb(), attributes.ReparseTag()).Write(target);
                break;
            case FileInformationClass.StandardLink:
                var standard = Standard(open, attributes);
                new FileStandardLinkInformation(
                    standard.NumberOfLinks, attributes.ShownLinks(), standard.DeletePending, standard.Directory).Write(target);
                break;
            case FileInformationClass.Id:
                new FileIdInformation(attributes.FileSystemId, attributes.Node.Inode, 0).Write(target);
                break;
            default:
                WriteNumber(target, Number(open, informationClass, attributes));
                break;
        }
    }

    private static ulong Number(SmbOpen open, FileInformationClass informationClass, in NodeAttributes attributes) =>
        informationClass switch
        {
            FileInformationClass.Internal => attributes.Node.Inode,
            FileInformationClass.Ea => attributes.ExtendedAttributeBytes,
            FileInformationClass.Access => (ulong)open.File!.Access,
            FileInformationClass.Position => (ulong)open.Queries.Position,
            FileInformationClass.Mode => open.Queries.Mode,

            // FILE_BYTE_ALIGNMENT: buffers may begin anywhere.
            _ => 0,
        };

    private static void WriteNumber(Span<byte> target, ulong value)
    {
        if (target.Length == FileScalarInformation.ShortBytes) BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)value);
        else BinaryPrimitives.WriteUInt64LittleEndian(target, value);
    }

    private static FileBasicInformation Basic(in NodeAttributes attributes) => new()
    {
        CreationTime = attributes.BirthTime.ToFileTime(),
        LastAccessTime = attributes.AccessTime.ToFileTime(),
        LastWriteTime = attributes.ShownModifyTime().ToFileTime(),
        ChangeTime = attributes.ShownChangeTime().ToFileTime(),
        FileAttributes = attributes.ToSmb(),
    };

    /// <summary>A name that goes with its last open counts no more (MS-FSA 2.1.5.11.27).</summary>
    private static FileStandardInformation Standard(SmbOpen open, in NodeAttributes attributes)
    {
        var isDoomed = open.File!.DeletePending;
        var links = attributes.ShownLinks();
        return new FileStandardInformation
        {
            AllocationSize = attributes.AllocationSize(),
            EndOfFile = attributes.EndOfFile(),
            NumberOfLinks = isDoomed && links > 0 ? links - 1 : links,
            DeletePending = isDoomed,
            Directory = open.File.IsDirectory,
        };
    }

    private static FileAllInformation All(SmbOpen open, in NodeAttributes attributes) => new()
    {
        Basic = Basic(attributes),
        Standard = Standard(open, attributes),
        IndexNumber = attributes.Node.Inode,
        EaSize = attributes.ExtendedAttributeBytes,
        AccessFlags = (uint)open.File!.Access,
        CurrentByteOffset = open.Queries.Position,
        Mode = open.Queries.Mode,
    };

    private static FileNetworkOpenInformation NetworkOpen(in NodeAttributes attributes) => new()
    {
        CreationTime = attributes.BirthTime.ToFileTime(),
        LastAccessTime = attributes.AccessTime.ToFileTime(),
        LastWriteTime = attributes.ShownModifyTime().ToFileTime(),
        ChangeTime = attributes.ShownChangeTime().ToFileTime(),
        AllocationSize = attributes.AllocationSize(),
        EndOfFile = attributes.EndOfFile(),
        FileAttributes = attributes.ToSmb(),
    };
}
