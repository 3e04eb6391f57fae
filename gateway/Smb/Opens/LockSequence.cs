using Gateway.FileSystem.Locks;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;
using LockRequest = Gateway.Protocol.Smb2.LockRequest;

namespace Gateway.Smb.Opens;

/// <summary>Where a LOCK stands in the numbered requests of its open (MS-SMB2 3.3.5.14).</summary>
internal readonly record struct LockSequence
{
    private readonly LockSequences? _sequences;
    private LockSequence(LockSequences sequences, LockNumber number)
    {
        _sequences = sequences;
        Number = number;
        IsReplay = sequences.IsReplay(number);
    }

    /// <summary>None where numbers do not count.</summary>
    public LockNumber Number { get; }

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
        return counts && open.File is { } file
            ? new LockSequence(file.LockSequences, new LockNumber(asked.SequenceIndex, asked.SequenceNumber))
            : default;
    }

    public void Complete() => _sequences?.Complete(Number);
}
