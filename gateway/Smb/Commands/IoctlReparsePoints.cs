using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Smb.Names;

namespace Gateway.Smb.Commands;

/// <summary>
/// FSCTLs about reparse points, which are how SMB shows symbolic links and other special files (MS-FSA 2.1.5.9.12,
/// 2.1.5.9.37, 2.1.5.9.3).
/// </summary>
internal static class IoctlReparsePoints
{
    private const AccessMask Writing = AccessMask.WriteData | AccessMask.WriteAttributes;

    /// <summary>Before the UTF-8 target of IO_REPARSE_TAG_LX_SYMLINK.</summary>
    private const int LinuxVersionBytes = 4;

    public static IoctlHandler? Find(FileControlCode code) => code switch
    {
        FileControlCode.GetReparsePoint => GetAsync,
        FileControlCode.SetReparsePoint => SetAsync,
        FileControlCode.DeleteReparsePoint => DeleteAsync,
        _ => null,
    };

    private static async ValueTask<NtStatus> GetAsync(IoctlCall call, Open file)
    {
        var attributes = await file.GetAttributesAsync();
        if (attributes.Status != FileStatus.Ok) return attributes.Status.ToNtStatus();
        if (TypeOf(attributes.Attributes.Type) is { } type) return Answer(call, Describe(type, attributes.Attributes.Device));
        if (attributes.Attributes.Type != NodeType.SymbolicLink) return NtStatus.NotAReparsePoint;

        var link = await file.Tree.ReadLinkAsync(file.File, file.Caller);
        return link.Status == FileStatus.Ok ? Answer(call, Describe(link.Target.Span)) : link.Status.ToNtStatus();
    }

    private static byte[] Describe(ReadOnlySpan<byte> target)
    {
        var text = LinkTargets.ToWire(target);
        var name = MemoryMarshal.AsBytes(text.AsSpan());
        var output = new byte[ReparseBuffer.HeadBytes + SymbolicLinkReparse.FixedBytes + 2 * name.Length];
        new SymbolicLinkReparse { SubstituteName = name, PrintName = name, IsRelative = !text.StartsWith('\\') }.Write(output);
        return output;
    }

    private static byte[] Describe(NfsReparseType type, DeviceNumber device)
    {
        Span<byte> output = stackalloc byte[64];
        var length = new NfsReparse { Type = type, Major = device.Major, Minor = device.Minor }.Write(output);
        return output[..length].ToArray();
    }

    private static NfsReparseType? TypeOf(NodeType type) => type switch
    {
        NodeType.BlockDevice => NfsReparseType.BlockDevice,
        NodeType.CharacterDevice => NfsReparseType.CharacterDevice,
        NodeType.Fifo => NfsReparseType.Fifo,
        NodeType.Socket => NfsReparseType.Socket,
        _ => null,
    };

    /// <summary>What does not fit is cut, but a head there must be.</summary>
    private static NtStatus Answer(IoctlCall call, byte[] buffer)
    {
        if (call.OutputMax < ReparseBuffer.HeadBytes) return NtStatus.BufferTooSmall;

        var fitting = Math.Min(buffer.Length, call.OutputMax);
        buffer.AsSpan(0, fitting).CopyTo(call.Reserve(fitting));
        return fitting < buffer.Length ? NtStatus.BufferOverflow : NtStatus.Success;
    }

    private static async ValueTask<NtStatus> SetAsync(IoctlCall call, Open file)
    {
        if ((file.Access & Writing) == 0) return NtStatus.AccessDenied;
        if (file.IsStream) return NtStatus.InvalidParameter;

        var status = TryReadTarget(call.Input.Span, out var target);
        if (status != NtStatus.Success) return status;

        var changed = await file.Tree.SetSymbolicLinkAsync(file.File, target, file.Caller);
        return changed.Status == FileStatus.Ok ? call.Done() : changed.Status.ToNtStatus();
    }

    private static NtStatus TryReadTarget(ReadOnlySpan<byte> input, out byte[] target)
    {
        target = [];
        if (!ReparseBuffer.TryParse(input, out var buffer)) return NtStatus.IoReparseDataInvalid;

        switch (buffer.Tag)
        {
            case ReparseTag.SymbolicLink when SymbolicLinkReparse.TryParse(buffer.Data, out var link):
                target = LinkTargets.FromWire(MemoryMarshal.Cast<byte, char>(link.SubstituteName));
                break;
            case ReparseTag.Nfs when NfsReparse.TryParse(buffer.Data, out var node):
                if (node.Type != NfsReparseType.SymbolicLink) return NtStatus.NotSupported;
                target = LinkTargets.FromWire(MemoryMarshal.Cast<byte, char>(node.Target));
                break;
            case ReparseTag.LinuxSymbolicLink when buffer.Data.Length > LinuxVersionBytes:
                target = buffer.Data[LinuxVersionBytes..].ToArray();
                break;
            case ReparseTag.SymbolicLink or ReparseTag.Nfs or ReparseTag.LinuxSymbolicLink:
                return NtStatus.IoReparseDataInvalid;
            default:
                return NtStatus.IoReparseTagNotHandled;
        }

        return target.Length == 0 || target.AsSpan().Contains((byte)0) ? NtStatus.IoReparseDataInvalid : NtStatus.Success;
    }

    private static async ValueTask<NtStatus> DeleteAsync(IoctlCall call, Open file)
    {
        if ((file.Access & Writing) == 0) return NtStatus.AccessDenied;
        if (call.Input.Length < sizeof(uint)) return NtStatus.IoReparseDataInvalid;

        var attributes = await file.GetAttributesAsync();
        if (attributes.Status != FileStatus.Ok) return attributes.Status.ToNtStatus();
        if (attributes.Attributes.Type != NodeType.SymbolicLink) return NtStatus.NotAReparsePoint;
        if ((ReparseTag)BinaryPrimitives.ReadUInt32LittleEndian(call.Input.Span) != ReparseTag.SymbolicLink)
            return NtStatus.IoReparseTagMismatch;

        var changed = await file.Tree.ClearSymbolicLinkAsync(file.File, file.Caller);
        return changed.Status == FileStatus.Ok ? call.Done() : changed.Status.ToNtStatus();
    }
}
