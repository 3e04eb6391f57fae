namespace Gateway.Protocol.DceRpc;

/// <summary>One fragment of a request, C706 12.6.4.9. A view of the PDU.</summary>
/// <remarks>
/// <code>
/// 16 alloc_hint | 20 p_cont_id | 22 opnum | (24 object uuid, when pfc_flags say so) | stub
/// </code>
/// </remarks>
public readonly ref struct DceRequest
{
    private const int ObjectBytes = 16;

    public required ushort ContextId { get; init; }

    public required ushort Operation { get; init; }

    public required ReadOnlySpan<byte> Stub { get; init; }

    /// <summary>Reads what follows the common header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, DcePduFlags flags, out DceRequest request)
    {
        var reader = new NdrReader(body);
        reader.ReadUInt32();
        var contextId = reader.ReadUInt16();
        var operation = reader.ReadUInt16();
        if ((flags & DcePduFlags.ObjectUuid) != 0) reader.ReadBytes(ObjectBytes);
        request = new DceRequest { ContextId = contextId, Operation = operation, Stub = reader.ReadBytes(reader.BytesLeft) };
        return reader.Intact;
    }
}
