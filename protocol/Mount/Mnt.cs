using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Mount;

/// <summary>mountres3, RFC 1813 §5.2.1: the handle of the root and the authentication flavors it takes.</summary>
public readonly ref struct MntRes
{
    private const int FlavorsMax = 32;

    public required MountStatus Status { get; init; }

    public ReadOnlySpan<byte> Handle { get; init; }

    /// <summary>RPC authentication flavors, the one the server likes best first.</summary>
    public ReadOnlySpan<uint> Flavors { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out MntRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (MountStatus)reader.ReadUInt32();
        if (status != MountStatus.Ok)
        {
            parsed = new MntRes { Status = status };
            return reader.IsComplete;
        }

        var handle = reader.ReadOpaque(MountProtocol.HandleBytesMax);
        var flavors = new uint[reader.ReadEnum(FlavorsMax)];
        for (var i = 0; i < flavors.Length; i++) flavors[i] = reader.ReadUInt32();
        parsed = new MntRes { Status = status, Handle = handle, Flavors = flavors };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        if (Status != MountStatus.Ok) return;

        writer.WriteOpaque(Handle);
        writer.WriteUInt32((uint)Flavors.Length);
        foreach (var flavor in Flavors) writer.WriteUInt32(flavor);
    }
}
