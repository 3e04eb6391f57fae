using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Smb.Commands;

/// <summary>SET_INFO of extended attributes: MS-FSCC 2.4.16, MS-FSA 2.1.5.15.5.</summary>
internal static class SetExtendedAttributes
{
    /// <summary>Attributes of one request; more would not fit on a node anyway.</summary>
    private const int CountMax = 8192;

    public static ValueTask<NtStatus> RunAsync(Open file, ReadOnlySpan<byte> buffer)
    {
        if (!FullEaList.TryParse(buffer, out var list, out _) || list.Count > CountMax) return new(NtStatus.EaListInconsistent);

        var attributes = new List<ExtendedAttribute>(list.Count);
        foreach (var entry in list)
        {
            if ((entry.Flags & ~FileFullEaInformation.NeedEa) != 0) return new(NtStatus.InvalidEaFlag);
            attributes.Add(new ExtendedAttribute(entry.Flags, entry.Name.ToArray(), entry.Value.ToArray()));
        }

        return SetAsync(file, attributes);
    }

    private static async ValueTask<NtStatus> SetAsync(Open file, List<ExtendedAttribute> attributes)
    {
        var result = await file.Tree.SetExtendedAttributesAsync(file.File, attributes, file.Caller);
        return result.Status switch
        {
            FileStatus.InvalidArgument => NtStatus.InvalidEaName,
            FileStatus.NoSpace or FileStatus.FileTooBig => NtStatus.EaTooLarge,
            _ => result.Status.ToNtStatus(),
        };
    }
}
