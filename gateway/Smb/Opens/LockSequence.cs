using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;

namespace Gateway.Smb.Opens;

/// <summary>Where a LOCK stands in the numbered requests of its open (MS-SMB2 3.3.5.14).</summary>
internal readonly record struct LockSequence
{
    private readonly LockSequences? _sequences;
    private readonly uint _index;
    private readonly byte _number;

    private LockSequence(LockSequences sequences, uint index, byte number)
    {
        _sequences = sequences;
        _index = index;
        _number = number;
        IsReplay = sequences.IsReplay(index, number);
    }

    /// <summary>It was carried out before, and only its answer got lost.</summary>
    public bool IsReplay { get; }

    /// <summary>
    /// Numbers count only where a client may have to send again what was carried out: on a durable open, and where it may
    /// have several connections.
    /// </summary>
    public static LockSequence Of(in LockRequest asked, SmbOpen open, SmbConnection connection)
    {
        var negotiated = connection.Negotiation;
        var hasChannels = negotiated.Dialect >= Smb2Dialect.Smb300
            && (negotiated.ServerCapabilities & Smb2Capabilities.MultiChannel) != 0;
        var counts = negotiated.Dialect > Smb2Dialect.Smb202 && (open.Durable is not null || hasChannels);
        return counts ? new LockSequence(open.LockSequences, asked.SequenceIndex, asked.SequenceNumber) : default;
    }

    public void Complete() => _sequences?.Complete(_index, _number);
}
