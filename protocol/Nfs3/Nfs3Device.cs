using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>specdata3, RFC 1813 §2.6: major and minor number of a device.</summary>
public readonly record struct Nfs3Device(uint Major, uint Minor)
{
    internal static Nfs3Device Read(ref XdrReader reader) => new(reader.ReadUInt32(), reader.ReadUInt32());

    internal void Write(XdrWriter writer)
    {
        writer.WriteUInt32(Major);
        writer.WriteUInt32(Minor);
    }
}
