namespace Gateway.Protocol.DceRpc;

/// <summary>The body of bind and alter_context, C706 12.6.4.3 and 12.6.4.1.</summary>
/// <remarks>
/// <code>
/// 0 max_xmit_frag | 2 max_recv_frag | 4 assoc_group_id | 8 n_context_elem | 9 reserved (3) | contexts:
///   0 p_cont_id | 2 n_transfer_syn | 3 reserved | 4 abstract_syntax (20) | transfer_syntaxes (20 each)
/// </code>
/// </remarks>
public sealed record DceBind
{
    public required int TransmitBytesMax { get; init; }

    public required int ReceiveBytesMax { get; init; }

    public required uint Group { get; init; }

    public required IReadOnlyList<DceProposal> Proposals { get; init; }

    /// <summary>Reads what follows the common header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out DceBind bind)
    {
        var reader = new NdrReader(body);
        int transmit = reader.ReadUInt16(), receive = reader.ReadUInt16();
        var group = reader.ReadUInt32();
        int count = reader.ReadByte();
        reader.ReadBytes(3);
        var proposals = new List<DceProposal>();
        for (var index = 0; index < count && reader.Intact; index++) proposals.Add(DceProposal.Read(ref reader));

        bind = new DceBind { TransmitBytesMax = transmit, ReceiveBytesMax = receive, Group = group, Proposals = proposals };
        return reader.Intact && count > 0;
    }
}

/// <summary>p_cont_elem_t, C706 12.6.3.1: an interface the client wants to call, and how it could be encoded.</summary>
public sealed record DceProposal(ushort ContextId, DceSyntax Interface, IReadOnlyList<DceSyntax> Transfers)
{
    internal static DceProposal Read(scoped ref NdrReader reader)
    {
        var contextId = reader.ReadUInt16();
        int count = reader.ReadByte();
        reader.ReadByte();
        var syntax = DceSyntax.Read(ref reader);
        var transfers = new List<DceSyntax>();
        for (var index = 0; index < count && reader.Intact; index++) transfers.Add(DceSyntax.Read(ref reader));
        return new DceProposal(contextId, syntax, transfers);
    }
}
