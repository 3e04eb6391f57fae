using System.Runtime.InteropServices;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Apple;
using Gateway.Smb.Names;

namespace Gateway.Smb.Commands;

/// <summary>The list of a file's streams, MS-FSCC 2.4.43, MS-FSA 2.1.5.11.28.</summary>
internal static class QueryStreams
{
    private const string MainStream = "::$DATA";

    /// <summary>
    /// Writes the list, of the file also when one of its streams is open; it may be longer than what the client has room for.
    /// </summary>
    public static async ValueTask<NtStatus> WriteAsync(
        SmbRequest request, Open open, NodeAttributes attributes, int outputBytesMax)
    {
        InformationResponse.Begin(request, 0);
        var last = -1;
        if (open.Type != NodeType.Directory)
        {
            // Of an open stream the attributes tell the stream's size.
            var main = attributes;
            if (open.IsStream)
            {
                var file = await open.Tree.GetAttributesAsync(open.File, request.Aborted);
                if (file.Status != FileStatus.Ok) return file.Status.ToNtStatus();
                main = file.Attributes;
            }

            last = Add(request.Response, last, MainStream, main.EndOfFile(), main.AllocationSize());
        }

        if (!attributes.HasStreams || !request.Tree.Share.HasStreams) return NtStatus.Success;
        var streams = await open.Tree.ListStreamsAsync(open.File, request.Aborted);
        if (streams.Status != FileStatus.Ok) return streams.Status.ToNtStatus();
        foreach (var stream in streams.Streams)
        {
            if (request.Response.Length > QueryResponse.BodyBytes + outputBytesMax) break;
            if ((stream.Size == 0 && request.Session.IsApple)
                || !await AppleStreams.IsShownAsync(
                    request.Tree.Share, open.Tree, stream.Node, stream.Name, stream.Size, open.Caller))
            {
                continue;
            }

            var name = $":{StreamNames.ToWire(stream.Name.Span)}:$DATA";
            last = Add(request.Response, last, name, stream.Attributes.Size, stream.Attributes.AllocationSize());
        }

        return NtStatus.Success;
    }

    private static int Add(ResponseWriter response, int last, string name, long size, long allocationSize)
    {
        response.Align(FileStreamInformation.Alignment);
        var start = response.Length;
        if (last >= 0) FileStreamInformation.Link(response.Written[last..], start - last);

        var nameBytes = MemoryMarshal.AsBytes(name.AsSpan());
        var entry = response.Reserve(FileStreamInformation.FixedBytes + nameBytes.Length);
        FileStreamInformation.Write(entry, nameBytes.Length, size, allocationSize);
        nameBytes.CopyTo(entry[FileStreamInformation.FixedBytes..]);
        return start;
    }
}
