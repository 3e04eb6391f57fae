namespace Gateway.Protocol.DceRpc;

/// <summary>Answers an enumeration of MS-SRVS or MS-WKST with as many entries as the client wants at a time.</summary>
public static class EnumReply
{
    /// <summary>Bytes of entries in one answer, whatever the client would take.</summary>
    private const int BytesMax = 256 << 10;

    /// <summary>
    /// Writes the entries from where the client wants to go on. Fixed parts come first, then what their pointers mean, as NDR
    /// has it for an array (C706 14.3.12.3).
    /// </summary>
    /// <param name="entries">All there are; <see cref="INdrEntry.Bytes"/> of each says how many fit.</param>
    public static void Write<T>(NdrWriter writer, in EnumRequest request, IReadOnlyList<T> entries)
        where T : INdrEntry
    {
        var first = (int)Math.Min(request.Resume ?? 0, (uint)entries.Count);
        var end = first;
        var room = Math.Min(request.PreferredBytesMax, BytesMax);
        long bytes = 0;
        while (end < entries.Count)
        {
            bytes += entries[end].Bytes(request.Level);

            // One at least, or the client would never get further.
            if (bytes > room && end > first) break;
            end++;
        }

        WriteHead(writer, request.Level, (uint)(end - first));
        if (end > first) writer.WriteUInt32((uint)(end - first));
        for (var index = first; index < end; index++) entries[index].WriteFixed(writer, request.Level);
        for (var index = first; index < end; index++) entries[index].WritePointees(writer, request.Level);

        var isAll = end == entries.Count;
        WriteTail(
            writer, (uint)(entries.Count - first), request.Resume is null ? null : isAll ? 0 : (uint)end,
            isAll ? Win32Error.Success : Win32Error.MoreData);
    }

    /// <summary>An answer without entries.</summary>
    public static void WriteError(NdrWriter writer, in EnumRequest request, Win32Error error)
    {
        WriteHead(writer, request.Level, 0);
        WriteTail(writer, 0, request.Resume, error);
    }

    private static void WriteHead(NdrWriter writer, uint level, uint count)
    {
        writer.WriteUInt32(level);
        writer.WriteUInt32(level);
        writer.WritePointer();
        writer.WriteUInt32(count);
        writer.WritePointer(count > 0);
    }

    private static void WriteTail(NdrWriter writer, uint total, uint? resume, Win32Error error)
    {
        writer.WriteUInt32(total);
        writer.WritePointer(resume is not null);
        if (resume is { } position) writer.WriteUInt32(position);
        writer.WriteUInt32((uint)error);
    }
}
