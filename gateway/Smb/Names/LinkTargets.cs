using System.Text;

namespace Gateway.Smb.Names;

/// <summary>
/// Targets of symbolic links: a path of bytes with slashes on the volume, UTF-16 with backslashes for clients, name by
/// name as in any other path.
/// </summary>
internal static class LinkTargets
{
    private const byte Slash = (byte)'/';

    /// <summary>Before an absolute path of the kernel of Windows.</summary>
    private const string KernelPrefix = @"\??\";

    /// <summary>A target that is not relative begins with a backslash.</summary>
    public static string ToWire(ReadOnlySpan<byte> target)
    {
        var text = new StringBuilder(target.Length);
        foreach (var range in target.Split(Slash))
        {
            var name = target[range];
            if (range.Start.Value > 0) text.Append('\\');
            text.Append(IsDots(name) ? Encoding.ASCII.GetString(name) : SmbNames.ToWire(name));
        }

        return text.ToString();
    }

    public static byte[] FromWire(ReadOnlySpan<char> target)
    {
        var bytes = new List<byte>(target.Length);
        if (target.StartsWith(KernelPrefix, StringComparison.Ordinal)) target = target[(KernelPrefix.Length - 1)..];
        foreach (var range in target.SplitAny('\\', '/'))
        {
            if (range.Start.Value > 0) bytes.Add(Slash);
            bytes.AddRange(SmbNames.FromWire(target[range]));
        }

        return [.. bytes];
    }

    /// <summary>The dots of a path are no dots at the end of a name.</summary>
    private static bool IsDots(ReadOnlySpan<byte> name) => name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);
}
