using System.Text;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Mount;

/// <summary>Paths and names of the MOUNT protocol are bytes on the wire; we take them for UTF-8.</summary>
internal static class MountText
{
    /// <summary>Writes at most <paramref name="bytesMax"/> bytes of it, so that no client finds it malformed.</summary>
    public static void Write(XdrWriter writer, string text, int bytesMax)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.WriteOpaque(bytes.AsSpan(0, Math.Min(bytes.Length, bytesMax)));
    }

    public static string Read(ref XdrReader reader, int bytesMax) =>
        Encoding.UTF8.GetString(reader.ReadOpaque(bytesMax));
}
