using System.Buffers;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Smb.Commands;

/// <summary>What a file that is made begins with: the contexts SecD and ExtA (MS-SMB2 3.3.5.9.1 and .2).</summary>
internal static class CreateSettings
{
    /// <summary>What no name of an extended attribute holds (MS-FSCC 2.4.16): besides these, the control characters.</summary>
    private static readonly SearchValues<byte> NotInEaNames = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (byte)code), .. "\"*+,/:;<=>?[\\]|"u8]);

    public static NtStatus TryRead(
        CreateCall call, out SecurityDescriptor? descriptor, out List<ExtendedAttribute> extendedAttributes)
    {
        descriptor = null;
        extendedAttributes = [];
        if (call.Contexts.SecurityDescriptor is { } security && !SecurityDescriptor.TryParse(security, out descriptor))
            return NtStatus.InvalidParameter;
        if (call.Request.Tree.Share.KeepsAutoInherited)
            descriptor = descriptor?.KeepingAutoInherited();
        if (call.Contexts.ExtendedAttributes is not { } attributes)
            return NtStatus.Success;
        if (!FullEaList.TryParse(attributes, out var list, out _))
            return NtStatus.InvalidParameter;
        foreach (var entry in list)
        {
            if (entry.Name.ContainsAny(NotInEaNames))
                return NtStatus.InvalidEaName;
            extendedAttributes.Add(new ExtendedAttribute(entry.Flags, entry.Name.ToArray(), entry.Value.ToArray()));
        }

        return NtStatus.Success;
    }

    /// <summary>
    /// Attributes of the file, with the space that the client wants it to have when it was made or overwritten (AlSi,
    /// MS-SMB2 2.2.13.2.3). Where there is not as much the file is open nevertheless: the write that needs it is refused.
    /// </summary>
    public static async ValueTask<NodeAttributes> AllocateAsync(CreateCall call, OpenResult result)
    {
        if (call.AllocationBytes == 0 || result.Action == OpenAction.Opened || result.Open is not { IsDirectory: false } file)
            return result.Attributes;
        if (await file.AllocateAsync(call.AllocationBytes) != FileStatus.Ok)
            return result.Attributes;
        var described = await file.GetAttributesAsync();
        return described.Status == FileStatus.Ok ? described.Attributes : result.Attributes;
    }
}
