using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>QUERY_INFO of the class FullEa: MS-SMB2 3.3.5.20.1, MS-FSA 2.1.5.11.16.</summary>
internal static class QueryExtendedAttributes
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request, SmbOpen open, in QueryInfoRequest query)
    {
        if ((open.File!.Access & AccessMask.ReadExtendedAttributes) == 0) return new(NtStatus.AccessDenied);
        if (!GetEaList.TryParse(query.Input, out var wanted)) return new(NtStatus.EaListInconsistent);

        List<byte[]>? names = null;
        if (wanted.Count > 0)
        {
            names = new List<byte[]>(wanted.Count);
            foreach (var name in wanted) names.Add(name.ToArray());
        }

        return RunAsync(request, open, new Wanted(names, query.Flags, query.AdditionalInformation, (int)query.OutputBufferLength));
    }

    private static async ValueTask<NtStatus> RunAsync(SmbRequest request, SmbOpen open, Wanted wanted)
    {
        var file = open.File!;
        var read = await file.Tree.ReadExtendedAttributesAsync(file.File, request.Aborted);
        if (read.Status != FileStatus.Ok) return read.Status.ToNtStatus();

        var all = read.Attributes;
        if (wanted.Names is { } names) return WriteNamed(request, all, names, wanted.OutputBytesMax);
        if (all.Count == 0) return NtStatus.NoEasOnFile;

        var first = Start(open, wanted);
        if (first > all.Count) return NtStatus.NonexistentEaEntry;
        if (first == all.Count) return NtStatus.NoMoreEas;
        return Write(request, open, all, first, wanted);
    }

    /// <summary>Index 1 is the first attribute; without an index the query goes on where the one before ended.</summary>
    private static int Start(SmbOpen open, in Wanted wanted)
    {
        if ((wanted.Flags & QueryInfoFlags.IndexSpecified) != 0)
            return (int)Math.Clamp((long)wanted.Index - 1, 0, int.MaxValue);
        return (wanted.Flags & QueryInfoFlags.RestartScan) != 0 ? 0 : open.Queries.AttributesGiven;
    }

    private static NtStatus Write(
        SmbRequest request, SmbOpen open, IReadOnlyList<ExtendedAttribute> all, int first, in Wanted wanted)
    {
        var writer = new FullEaWriter(InformationResponse.Begin(request, Room(all, first, wanted.OutputBytesMax)));
        var next = first;
        while (next < all.Count && writer.TryAdd(Show(all[next])))
        {
            next++;
            if ((wanted.Flags & QueryInfoFlags.ReturnSingleEntry) != 0) break;
        }

        // Not even one fits: the client comes again with a larger buffer.
        if (next == first) return TooSmall(request);

        var isCut = next < all.Count && (wanted.Flags & QueryInfoFlags.ReturnSingleEntry) == 0;
        open.Queries.AttributesGiven = next;
        request.Response.Truncate(QueryResponse.BodyBytes + writer.Length);
        InformationResponse.End(request, writer.Length);
        return isCut ? NtStatus.BufferOverflow : NtStatus.Success;
    }

    /// <summary>Each name that was asked for is answered, with an empty value when there is no such attribute.</summary>
    private static NtStatus WriteNamed(
        SmbRequest request, IReadOnlyList<ExtendedAttribute> all, List<byte[]> names, int outputBytesMax)
    {
        var writer = new FullEaWriter(InformationResponse.Begin(request, outputBytesMax));
        foreach (var name in names)
        {
            var entry = new FileFullEaInformation { Name = name, Value = default };
            foreach (var present in all)
            {
                if (Ascii.EqualsIgnoreCase(present.Name.Span, name)) entry = Show(present);
            }

            if (!writer.TryAdd(entry)) return TooSmall(request);
        }

        request.Response.Truncate(QueryResponse.BodyBytes + writer.Length);
        return InformationResponse.End(request, writer.Length);
    }

    private static NtStatus TooSmall(SmbRequest request)
    {
        request.Response.Reset();
        return NtStatus.BufferTooSmall;
    }

    private static int Room(IReadOnlyList<ExtendedAttribute> all, int first, int outputBytesMax)
    {
        long needed = 0;
        for (var index = first; index < all.Count; index++)
        {
            var attribute = all[index];
            needed += FileFullEaInformation.BytesOf(attribute.Name.Length, attribute.Value.Length) + FileFullEaInformation.Alignment;
        }

        return (int)Math.Min(needed, outputBytesMax);
    }

    private static FileFullEaInformation Show(ExtendedAttribute attribute) => new()
    {
        Flags = attribute.Flags,
        Name = attribute.Name.Span,
        Value = attribute.Value.Span,
    };

    private readonly record struct Wanted(List<byte[]>? Names, QueryInfoFlags Flags, uint Index, int OutputBytesMax);
}
