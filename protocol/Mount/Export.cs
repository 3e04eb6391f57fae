using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Mount;

/// <summary>exportnode, RFC 1813 §5.2.5: a directory and who may mount it. No groups means everybody.</summary>
public sealed record ExportEntry(string Path, IReadOnlyList<string> Groups);

/// <summary>exports, the result of EXPORT, RFC 1813 §5.2.5.</summary>
public static class ExportRes
{
    public static void Write(XdrWriter writer, IReadOnlyList<ExportEntry> exports)
    {
        foreach (var export in exports)
        {
            writer.WriteBoolean(true);
            MountText.Write(writer, export.Path, MountProtocol.PathBytesMax);
            foreach (var group in export.Groups)
            {
                writer.WriteBoolean(true);
                MountText.Write(writer, group, MountProtocol.NameBytesMax);
            }

            writer.WriteBoolean(false);
        }

        writer.WriteBoolean(false);
    }

    public static bool TryParse(ReadOnlySpan<byte> result, out IReadOnlyList<ExportEntry> exports)
    {
        var reader = new XdrReader(result);
        var parsed = new List<ExportEntry>();
        while (reader.ReadBoolean())
        {
            var path = MountText.Read(ref reader, MountProtocol.PathBytesMax);
            var groups = new List<string>();
            while (reader.ReadBoolean()) groups.Add(MountText.Read(ref reader, MountProtocol.NameBytesMax));
            parsed.Add(new ExportEntry(path, groups));
        }

        exports = parsed;
        return reader.IsComplete;
    }
}
