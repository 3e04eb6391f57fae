using Gateway.FileSystem;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Apple;

namespace Gateway.Smb.Directories;

/// <summary>
/// Fills in what macOS reads in place of the short name (<see cref="AppleDirectoryFields"/>): for most entries at once,
/// for those with streams after the walk, as a snapshot must not wait for content.
/// </summary>
internal sealed class AppleListing(FileTree files, Caller caller, uint maximumAccess)
{
    /// <summary>Seconds between 1970 and 2000, where Apple counts from.</summary>
    private const long AppleEpochSeconds = 946_684_800;

    private readonly List<(int Record, NodeAttributes Attributes)> _withStreams = [];
    private readonly byte[] _finderInfo = new byte[AfpMetadata.FinderInfoBytes];

    /// <summary>Writes what is known at once into a record.</summary>
    public void Note(Span<byte> record, int offset, in NodeAttributes attributes)
    {
        new AppleDirectoryFields(maximumAccess, 0, attributes.UnixMode()).Write(record);
        _finderInfo.AsSpan().Clear();
        WriteFinderInfo(record, attributes);
        if (attributes.HasStreams) _withStreams.Add((offset, attributes));
    }

    /// <summary>Completes the records of the response.</summary>
    public async ValueTask CompleteAsync(Memory<byte> output, CancellationToken cancellation)
    {
        foreach (var (record, attributes) in _withStreams)
        {
            var resource = await files.FindStreamAsync(attributes.Node, AppleStreams.ResourceName, cancellation);
            if (resource.Status == FileStatus.Ok)
                AppleDirectoryFields.WriteResourceForkBytes(output.Span[record..], (ulong)resource.Attributes.Size);
            if (await ReadFinderInfoAsync(attributes.Node, cancellation)) WriteFinderInfo(output.Span[record..], attributes);
        }
    }

    private async ValueTask<bool> ReadFinderInfoAsync(NodeId node, CancellationToken cancellation)
    {
        var stream = await files.FindStreamAsync(node, AppleStreams.AfpInfoName, cancellation);
        if (stream.Status != FileStatus.Ok) return false;

        var read = await files.ReadAsync(
            stream.Attributes.Node, AfpMetadata.FinderInfoOffset, _finderInfo, caller, DataAccess.CheckedAtOpen, cancellation);
        return read.Status == FileStatus.Ok && read.Bytes == _finderInfo.Length;
    }

    private void WriteFinderInfo(Span<byte> record, in NodeAttributes attributes)
    {
        var added = (int)Math.Clamp(attributes.BirthTime.Seconds - AppleEpochSeconds, int.MinValue, int.MaxValue);
        AppleDirectoryFields.WriteFinderInfo(
            record, _finderInfo, attributes.Type == NodeType.File, unchecked((uint)added));
    }
}
