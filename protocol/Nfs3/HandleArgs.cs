using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>
/// The one handle that is all of GETATTR3args, READLINK3args, FSSTAT3args, FSINFO3args and PATHCONF3args
/// (RFC 1813 §3.3.1, .5, .18, .19, .20). A view of the request, alive as long as its buffer.
/// </summary>
public readonly ref struct HandleArgs
{
    public required ReadOnlySpan<byte> Handle { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out HandleArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new HandleArgs { Handle = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax) };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer) => writer.WriteOpaque(Handle);
}
