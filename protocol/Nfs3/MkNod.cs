using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>MKNOD3args, RFC 1813 §3.3.11. The result is <see cref="NewObjectRes"/>.</summary>
public readonly ref struct MkNodArgs
{
    public required DirOpArgs Where { get; init; }

    /// <summary>
    /// As sent. Anything but a device, a socket or a FIFO carries nothing behind it (the union's void arm)
    /// and deserves NFS3ERR_BADTYPE.
    /// </summary>
    public required Nfs3FileType Type { get; init; }

    public Nfs3SetAttributes Attributes { get; init; }

    /// <summary>For the two kinds of device.</summary>
    public Nfs3Device Device { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out MkNodArgs args)
    {
        var reader = new XdrReader(arguments);
        var where = DirOpArgs.Read(ref reader);
        var type = (Nfs3FileType)reader.ReadUInt32();
        args = new MkNodArgs
        {
            Where = where,
            Type = type,
            Attributes = HasAttributes(type) ? Nfs3SetAttributes.Read(ref reader) : default,
            Device = IsDevice(type) ? Nfs3Device.Read(ref reader) : default,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        Where.Write(writer);
        writer.WriteUInt32((uint)Type);
        if (HasAttributes(Type)) Attributes.Write(writer);
        if (IsDevice(Type)) Device.Write(writer);
    }

    private static bool IsDevice(Nfs3FileType type) =>
        type is Nfs3FileType.CharacterDevice or Nfs3FileType.BlockDevice;

    private static bool HasAttributes(Nfs3FileType type) =>
        IsDevice(type) || type is Nfs3FileType.Socket or Nfs3FileType.Fifo;
}
