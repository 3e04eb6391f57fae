using System.Runtime.InteropServices;
using System.Text;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Names;

/// <summary>What a client calls a file: names below the root of the share, and the stream (MS-FSCC 2.1.5).</summary>
internal sealed class SmbPath
{
    private const char Separator = '\\';

    /// <summary>
    /// No name may hold it (MS-FSCC 2.1.5.2), so it can mean but the same. Samba takes it so, and programs that were tried
    /// with Samba only write it.
    /// </summary>
    private const char OtherSeparator = '/';

    private const string DataType = "$DATA";

    /// <summary>Bytes of a stored name, as the volume limits them.</summary>
    private const int NameBytesMax = 255;

    private SmbPath(List<ReadOnlyMemory<byte>> names, ReadOnlyMemory<byte> stream, bool namesData)
    {
        Names = names;
        Stream = stream;
        NamesData = namesData;
    }

    public static SmbPath Root { get; } = new([], default, namesData: false);

    /// <summary>As stored; none for the root of the share.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Names { get; }

    /// <summary>As stored; empty for the file itself.</summary>
    public ReadOnlyMemory<byte> Stream { get; }

    /// <summary>The client wrote <c>::$DATA</c>: it wants the content, which a directory has not.</summary>
    public bool NamesData { get; }

    /// <summary>
    /// Reads the UTF-16 of a request. Success, InvalidParameter for a path that begins with a separator,
    /// ObjectPathSyntaxBad for one that goes up, or ObjectNameInvalid. Only a path that was read is given.
    /// </summary>
    public static NtStatus TryParse(ReadOnlySpan<byte> utf16, out SmbPath path)
    {
        path = Root;
        if ((utf16.Length & 1) != 0)
            return NtStatus.InvalidParameter;
        var text = MemoryMarshal.Cast<byte, char>(utf16);
        if (text.IsEmpty)
            return NtStatus.Success;

        // MS-SMB2 3.3.5.9.
        if (IsSeparator(text[0]))
            return NtStatus.InvalidParameter;

        // "directory\" is the directory.
        if (IsSeparator(text[^1]))
            text = text[..^1];
        var names = new List<ReadOnlyMemory<byte>>();
        while (true)
        {
            var end = text.IndexOfAny(Separator, OtherSeparator);
            if (end < 0)
                return ParseLast(text, names, out path);
            var status = TryAdd(text[..end], names);
            if (status != NtStatus.Success)
                return status;
            text = text[(end + 1)..];
        }
    }

    /// <summary>The path as a client writes it, without a separator in front.</summary>
    public static string ToWire(IReadOnlyList<ReadOnlyMemory<byte>> names)
    {
        if (names.Count == 1)
            return SmbNames.ToWire(names[0].Span);
        var text = new StringBuilder();
        foreach (var name in names)
        {
            if (text.Length != 0)
                text.Append(Separator);
            text.Append(SmbNames.ToWire(name.Span));
        }

        return text.ToString();
    }

    private static bool IsSeparator(char unit) => unit is Separator or OtherSeparator;

    private static NtStatus ParseLast(ReadOnlySpan<char> text, List<ReadOnlyMemory<byte>> names, out SmbPath path)
    {
        path = Root;
        var colon = text.IndexOf(':');
        if (colon < 0)
        {
            var last = TryAdd(text, names);
            if (last == NtStatus.Success)
                path = new SmbPath(names, default, namesData: false);
            return last;
        }

        // A stream of the root directory has no name in front.
        var status = colon != 0 || names.Count != 0 ? TryAdd(text[..colon], names) : NtStatus.Success;
        if (status != NtStatus.Success)
            return status;
        var stream = text[(colon + 1)..];
        var second = stream.IndexOf(':');
        var type = second < 0 ? default : stream[(second + 1)..];
        if (second >= 0)
        {
            stream = stream[..second];
            if (!type.Equals(DataType, StringComparison.OrdinalIgnoreCase))
                return NtStatus.ObjectNameInvalid;
        }

        var namesData = second >= 0 && stream.IsEmpty;
        if (!namesData && !StreamNames.IsAllowed(stream))
            return NtStatus.ObjectNameInvalid;
        path = new SmbPath(names, namesData ? default : StreamNames.FromWire(stream), namesData);
        return NtStatus.Success;
    }

    private static NtStatus TryAdd(ReadOnlySpan<char> component, List<ReadOnlyMemory<byte>> names)
    {
        if (component.IsEmpty || !SmbNames.IsAllowed(component))
            return NtStatus.ObjectNameInvalid;
        var name = SmbNames.FromWire(component);

        // Looked at as stored: a mapped dot is one too.
        if (name is [(byte)'.', (byte)'.'])
            return TryGoUp(names);
        if (name.Length > NameBytesMax || name is [(byte)'.'])
            return NtStatus.ObjectNameInvalid;
        names.Add(name);
        return NtStatus.Success;
    }

    /// <summary>Back within the path, as Samba does: never above the share, and without following a link on the way.</summary>
    private static NtStatus TryGoUp(List<ReadOnlyMemory<byte>> names)
    {
        if (names.Count == 0)
            return NtStatus.ObjectPathSyntaxBad;
        names.RemoveAt(names.Count - 1);
        return NtStatus.Success;
    }
}
