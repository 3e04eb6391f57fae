using System.Buffers.Binary;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;

namespace Gateway.Smb.Commands;

/// <summary>FSCTLs about holes in files.</summary>
internal static class IoctlRanges
{
    public static IoctlHandler? Find(FileControlCode code) => code switch
    {
        FileControlCode.SetZeroData => SetZeroDataAsync,
        FileControlCode.QueryAllocatedRanges => QueryAllocatedRangesAsync,
        FileControlCode.FileLevelTrim => TrimAsync,
        _ => null,
    };

    /// <summary>MS-FSA 2.1.5.9.39: what is there of the range reads as zeros, and the file gets no longer.</summary>
    private static async ValueTask<NtStatus> SetZeroDataAsync(IoctlCall call, Open file)
    {
        if (file.IsDirectory) return NtStatus.InvalidParameter;
        if ((file.Access & AccessMask.WriteData) == 0) return NtStatus.AccessDenied;
        if (!ZeroRange.TryParse(call.Input.Span, out var range) || range.Start < 0 || range.End < range.Start)
            return NtStatus.InvalidParameter;

        var status = await file.ZeroRangeAsync(range.Start, range.End);
        return status == FileStatus.Ok ? call.Done() : status.ToNtStatus();
    }

    /// <summary>MS-FSA 2.1.5.9.20. Of a file that is not sparse, all is said to be there.</summary>
    private static async ValueTask<NtStatus> QueryAllocatedRangesAsync(IoctlCall call, Open file)
    {
        if (file.IsDirectory) return NtStatus.InvalidParameter;
        if ((file.Access & AccessMask.ReadData) == 0) return NtStatus.AccessDenied;
        if (!FileRange.TryParse(call.Input.Span, out var asked)
            || asked.Offset < 0
            || asked.Length < 0
            || asked.Length > long.MaxValue - asked.Offset)
        {
            return NtStatus.InvalidParameter;
        }

        var attributes = await file.GetAttributesAsync();
        if (attributes.Status != FileStatus.Ok) return attributes.Status.ToNtStatus();

        var end = Math.Min(asked.Offset + asked.Length, attributes.Attributes.Size);
        if (asked.Offset >= end) return call.Done();

        var fitting = call.OutputMax / FileRange.Bytes;
        if ((attributes.Attributes.Dos & DosAttributes.Sparse) == 0)
            return Answer(call, [new ByteRange(asked.Offset, end - asked.Offset)], fitting, isCut: false);

        var found = await file.AllocatedRangesAsync(asked.Offset, end, Math.Max(fitting, 1));
        return found.Status == FileStatus.Ok ? Answer(call, found.Ranges, fitting, found.IsCut) : found.Status.ToNtStatus();
    }

    private static NtStatus Answer(IoctlCall call, IReadOnlyList<ByteRange> ranges, int fitting, bool isCut)
    {
        if (ranges.Count > 0 && fitting == 0) return NtStatus.BufferTooSmall;

        var output = call.Reserve(ranges.Count * FileRange.Bytes);
        for (var index = 0; index < ranges.Count; index++)
            new FileRange(ranges[index].Start, ranges[index].Length).Write(output[(index * FileRange.Bytes)..]);
        return isCut ? NtStatus.BufferOverflow : NtStatus.Success;
    }

    /// <summary>MS-FSA 2.1.5.9.8: the content is not needed any more; here it is given up at once.</summary>
    private static async ValueTask<NtStatus> TrimAsync(IoctlCall call, Open file)
    {
        if (file.IsDirectory) return NtStatus.InvalidParameter;
        if ((file.Access & AccessMask.WriteData) == 0) return NtStatus.AccessDenied;
        if (!TrimRequest.TryParse(call.Input.Span, out var asked)) return NtStatus.InvalidParameter;

        // The output may be left out, but not cut short (MS-FSCC 2.3.14).
        if (call.OutputMax is > 0 and < TrimRequest.OutputBytes) return NtStatus.InvalidParameter;

        var done = 0u;
        foreach (var range in asked.ToArray())
        {
            if (range.Offset < 0 || range.Length < 0 || range.Length > long.MaxValue - range.Offset)
                return NtStatus.IntegerOverflow;

            var status = await file.ZeroRangeAsync(range.Offset, range.Offset + range.Length);
            if (status != FileStatus.Ok) return status.ToNtStatus();
            done++;
        }

        if (call.OutputMax == 0) return call.Done();

        BinaryPrimitives.WriteUInt32LittleEndian(call.Reserve(TrimRequest.OutputBytes), done);
        return NtStatus.Success;
    }
}
