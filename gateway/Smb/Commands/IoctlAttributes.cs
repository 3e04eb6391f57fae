using System.Buffers.Binary;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;

namespace Gateway.Smb.Commands;

/// <summary>FSCTLs about what a file is: sparse, compressed, identified, protected by checksums, kept in snapshots.</summary>
internal static class IoctlAttributes
{
    private const ushort CompressionNone = 0;

    /// <summary>What the information classes of the volume say too.</summary>
    private const int ClusterBytes = 4096;

    public static IoctlHandler? Find(FileControlCode code) => code switch
    {
        FileControlCode.SetSparse => SetSparseAsync,
        FileControlCode.GetCompression => static (call, _) => new(GetCompression(call)),
        FileControlCode.SetCompression => static (call, file) => new(SetCompression(call, file)),
        FileControlCode.CreateOrGetObjectId or FileControlCode.GetObjectId => static (call, file) => new(GetObjectId(call, file)),
        FileControlCode.GetIntegrityInformation => static (call, _) => new(GetIntegrity(call)),
        FileControlCode.EnumerateSnapshots => static (call, _) => new(EnumerateSnapshots(call)),
        FileControlCode.ReadHash => static (_, _) => new(NtStatus.HashNotSupported),
        _ => null,
    };

    /// <summary>MS-FSA 2.1.5.9.36. The volume keeps holes anyway: the flag is what the client reads back.</summary>
    private static async ValueTask<NtStatus> SetSparseAsync(IoctlCall call, Open file)
    {
        const AccessMask writing = AccessMask.WriteData | AccessMask.AppendData | AccessMask.WriteAttributes;
        if (file.IsDirectory) return NtStatus.InvalidParameter;
        if ((file.Access & writing) == 0) return NtStatus.AccessDenied;

        // Without a buffer it is set (MS-FSCC 2.3.69).
        var isSparse = call.Input.IsEmpty || call.Input.Span[0] != 0;
        var attributes = await file.GetAttributesAsync();
        if (attributes.Status != FileStatus.Ok) return attributes.Status.ToNtStatus();

        var dos = attributes.Attributes.Dos;
        var wanted = isSparse ? dos | DosAttributes.Sparse : dos & ~DosAttributes.Sparse;
        var status = wanted == dos ? FileStatus.Ok : await file.SetAttributesAsync(new AttributeChanges { Dos = wanted });
        return status == FileStatus.Ok ? call.Done() : status.ToNtStatus();
    }

    private static NtStatus GetCompression(IoctlCall call)
    {
        if (call.OutputMax < sizeof(ushort)) return NtStatus.InvalidUserBuffer;

        BinaryPrimitives.WriteUInt16LittleEndian(call.Reserve(sizeof(ushort)), CompressionNone);
        return NtStatus.Success;
    }

    /// <summary>What is not compressed may be told so; more is not to be had.</summary>
    private static NtStatus SetCompression(IoctlCall call, Open file)
    {
        if ((file.Access & AccessMask.WriteData) == 0) return NtStatus.AccessDenied;
        if (call.Input.Length < sizeof(ushort)) return NtStatus.InvalidParameter;

        return BinaryPrimitives.ReadUInt16LittleEndian(call.Input.Span) == CompressionNone ? call.Done() : NtStatus.NotSupported;
    }

    /// <summary>Every file has one: its number in the volume, which no other file ever gets.</summary>
    private static NtStatus GetObjectId(IoctlCall call, Open file)
    {
        if (call.OutputMax < ObjectIdBuffer.Bytes) return NtStatus.InvalidParameter;

        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(id, file.File.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(id[sizeof(ulong)..], file.File.Generation);
        var objectId = new Guid(id);
        new ObjectIdBuffer(objectId, file.Tree.VolumeId, objectId).Write(call.Reserve(ObjectIdBuffer.Bytes));
        return NtStatus.Success;
    }

    private static NtStatus GetIntegrity(IoctlCall call)
    {
        if (call.OutputMax < IntegrityInformation.Bytes) return NtStatus.BufferTooSmall;

        new IntegrityInformation(ClusterBytes).Write(call.Reserve(IntegrityInformation.Bytes));
        return NtStatus.Success;
    }

    /// <summary>MS-SMB2 3.3.5.15.1: none.</summary>
    private static NtStatus EnumerateSnapshots(IoctlCall call)
    {
        if (call.OutputMax < SnapshotArray.EmptyBytes) return NtStatus.InvalidParameter;

        SnapshotArray.WriteEmpty(call.Reserve(SnapshotArray.EmptyBytes));
        return NtStatus.Success;
    }
}
