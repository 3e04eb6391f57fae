using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Mount;

/// <summary>mountbody, RFC 1813 §5.2.2: who has mounted what, as far as the server knows.</summary>
public readonly record struct MountEntry(string Host, string Path);

/// <summary>mountlist, the result of DUMP, RFC 1813 §5.2.2.</summary>
public static class DumpRes
{
    public static void Write(XdrWriter writer, IReadOnlyList<MountEntry> mounts)
    {
        foreach (var mount in mounts)
        {
            writer.WriteBoolean(true);
            MountText.Write(writer, mount.Host, MountProtocol.NameBytesMax);
            MountText.Write(writer, mount.Path, MountProtocol.PathBytesMax);
        }

        writer.WriteBoolean(false);
    }

    public static bool TryParse(ReadOnlySpan<byte> result, out IReadOnlyList<MountEntry> mounts)
    {
        var reader = new XdrReader(result);
        var parsed = new List<MountEntry>();
        while (reader.ReadBoolean())
        {
            parsed.Add(new MountEntry(
                MountText.Read(ref reader, MountProtocol.NameBytesMax),
                MountText.Read(ref reader, MountProtocol.PathBytesMax)));
        }

        mounts = parsed;
        return reader.IsComplete;
    }
}
