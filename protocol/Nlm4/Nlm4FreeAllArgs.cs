using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_notify, RFC 1813 §6.3.19: of FREE_ALL, from a client that does without a status monitor. A view of the request.</summary>
/// <remarks>
/// <code>name string&lt;1025&gt; | state</code>
/// Clients disagree about the width of the state, 4 or 8 bytes; nothing depends on its value.
/// </remarks>
public readonly ref struct Nlm4FreeAllArgs
{
    public required ReadOnlySpan<byte> Name { get; init; }

    public required long State { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out Nlm4FreeAllArgs args)
    {
        var reader = new XdrReader(arguments);
        var name = reader.ReadOpaque(Nlm4Protocol.NameBytesMax);
        args = new Nlm4FreeAllArgs
        {
            Name = name,
            State = reader.BytesLeft == sizeof(long) ? reader.ReadInt64() : reader.ReadInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Name);
        writer.WriteInt32(unchecked((int)State));
    }
}
