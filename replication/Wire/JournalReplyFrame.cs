using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Wire;

/// <summary>
/// A node's reply in the journal protocol on the wire: kind (1), common header, and what the kind needs.
/// </summary>
public readonly record struct JournalReplyFrame(NodeReply Reply) : IWireMessage<JournalReplyFrame>
{
    /// <summary>
    /// A node that knows of more damage than this reports the first so many: it is in limbo either way.
    /// </summary>
    private const int DamagedMax = 4096;

    private const int EntryIdBytes = 16;

    private enum ReplyKind : byte
    {
        Plain = 1,
        NewEpoch = 2,
        Append = 3,
        Fetch = 4,
        Tail = 5,
    }

    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)KindOf(Reply));
        WriteHeader(writer, Reply.Header);
        switch (Reply)
        {
            case NewEpochReply testimony:
                WriteTestimony(writer, testimony);
                break;
            case AppendReply append:
                writer.WriteBool(append.Matched);
                writer.WriteEntryId(append.Position);
                break;
            case FetchReply fetch:
                WriteFetch(writer, fetch);
                break;
            case TailReply tail:
                WriteTail(writer, tail);
                break;
            default:
                break;
        }
    }

    /// <summary>The entries' payloads go on viewing the reader's memory.</summary>
    public static JournalReplyFrame Read(ref WireReader reader)
    {
        var kind = (ReplyKind)reader.ReadByte();
        var header = ReadHeader(ref reader);
        NodeReply reply = kind switch
        {
            ReplyKind.Plain => new PlainReply(),
            ReplyKind.NewEpoch => ReadTestimony(ref reader),
            ReplyKind.Append => new AppendReply { Matched = reader.ReadBool(), Position = reader.ReadEntryId() },
            ReplyKind.Fetch => ReadFetch(ref reader),
            ReplyKind.Tail => ReadTail(ref reader),
            _ => throw new WireViolationException($"an unknown journal reply {(byte)kind}"),
        };
        reply.Header = header;
        return new JournalReplyFrame(reply);
    }

    private static ReplyKind KindOf(NodeReply reply) => reply switch
    {
        PlainReply => ReplyKind.Plain,
        NewEpochReply => ReplyKind.NewEpoch,
        AppendReply => ReplyKind.Append,
        FetchReply => ReplyKind.Fetch,
        TailReply => ReplyKind.Tail,
        _ => throw new ArgumentException($"{reply.GetType().Name} has no wire form.", nameof(reply)),
    };

    private static void WriteHeader(WireWriter writer, in ReplyHeader header)
    {
        writer.WriteByte((byte)header.Status);
        writer.WriteUInt64(header.PromisedEpoch);
        writer.WriteUInt64(header.Nonce);
        writer.WriteUInt64(header.Incarnation);
        writer.WriteUInt64(header.ConfigGeneration);
        writer.WriteUInt64(header.FlushedIndex);
        writer.WriteInt64(header.SentAt);
        writer.WriteByte((byte)header.Limbo);
        writer.WriteBool(header.Stalled);
        writer.WriteInt64(header.Space.TotalBytes);
        writer.WriteInt64(header.Space.AvailableBytes);
    }

    private static ReplyHeader ReadHeader(ref WireReader reader)
    {
        var header = new ReplyHeader
        {
            Status = (Quorum.NodeStatus)reader.ReadByte(),
            PromisedEpoch = reader.ReadUInt64(),
            Nonce = reader.ReadUInt64(),
            Incarnation = reader.ReadUInt64(),
            ConfigGeneration = reader.ReadUInt64(),
            FlushedIndex = reader.ReadUInt64(),
            SentAt = reader.ReadInt64(),
            Limbo = (LimboReason)reader.ReadByte(),
            Stalled = reader.ReadBool(),
            Space = new DiskSpace(reader.ReadInt64(), reader.ReadInt64()),
        };
        if (!Enum.IsDefined(header.Status) || !Enum.IsDefined(header.Limbo)) reader.Fail();
        return header;
    }

    private static void WriteTestimony(WireWriter writer, NewEpochReply testimony)
    {
        writer.WriteEntryId(testimony.Last);
        writer.WriteLogBase(testimony.Base);
        writer.WriteUInt64(testimony.CommitHint);
        writer.WriteInt64(testimony.SinceHeartbeatNanoseconds);
        writer.WriteUInt64(testimony.HeartbeatEpoch);
        writer.WriteUInt64(testimony.ReleasedEpoch);
        var damaged = Math.Min(testimony.Damaged.Count, DamagedMax);
        writer.WriteInt32(damaged);
        for (var at = 0; at < damaged; at++) writer.WriteEntryId(testimony.Damaged[at]);
    }

    private static NewEpochReply ReadTestimony(ref WireReader reader)
    {
        var last = reader.ReadEntryId();
        var logBase = reader.ReadLogBase();
        var commitHint = reader.ReadUInt64();
        var sinceHeartbeat = reader.ReadInt64();
        var heartbeatEpoch = reader.ReadUInt64();
        var releasedEpoch = reader.ReadUInt64();
        var damaged = new EntryId[reader.ReadCount(DamagedMax, EntryIdBytes)];
        for (var at = 0; at < damaged.Length; at++) damaged[at] = reader.ReadEntryId();
        return new NewEpochReply
        {
            Last = last,
            Base = logBase,
            CommitHint = commitHint,
            Damaged = damaged,
            SinceHeartbeatNanoseconds = sinceHeartbeat,
            HeartbeatEpoch = heartbeatEpoch,
            ReleasedEpoch = releasedEpoch,
        };
    }

    private static void WriteFetch(WireWriter writer, FetchReply fetch)
    {
        writer.WriteUInt64(fetch.FromIndex);
        writer.WriteOptionalEntryId(fetch.Previous);
        writer.WriteByte((byte)fetch.Next);
        writer.WriteEntryId(fetch.NextId);
        writer.WriteLogBase(fetch.Base);
        writer.WriteUInt64(fetch.CommitHint);
        writer.WriteEntries(fetch.Entries.Span);
    }

    private static FetchReply ReadFetch(ref WireReader reader)
    {
        var fetch = new FetchReply
        {
            FromIndex = reader.ReadUInt64(),
            Previous = reader.ReadOptionalEntryId(),
            Next = (EntryPresence)reader.ReadByte(),
            NextId = reader.ReadEntryId(),
            Base = reader.ReadLogBase(),
            CommitHint = reader.ReadUInt64(),
            Entries = reader.ReadEntries(),
        };
        if (!Enum.IsDefined(fetch.Next)) reader.Fail();
        return fetch;
    }

    private static void WriteTail(WireWriter writer, TailReply tail)
    {
        writer.WriteUInt64(tail.FromIndex);
        writer.WriteByte((byte)tail.Next);
        writer.WriteLogBase(tail.Base);
        writer.WriteUInt64(tail.CommitHint);
        writer.WriteInt64(tail.SinceHeartbeatNanoseconds);
        writer.WriteUInt64(tail.HeartbeatEpoch);
        writer.WriteUInt64(tail.ReleasedEpoch);
        writer.WriteEntries(tail.Entries.Span);
    }

    private static TailReply ReadTail(ref WireReader reader)
    {
        var tail = new TailReply
        {
            FromIndex = reader.ReadUInt64(),
            Next = (EntryPresence)reader.ReadByte(),
            Base = reader.ReadLogBase(),
            CommitHint = reader.ReadUInt64(),
            SinceHeartbeatNanoseconds = reader.ReadInt64(),
            HeartbeatEpoch = reader.ReadUInt64(),
            ReleasedEpoch = reader.ReadUInt64(),
            Entries = reader.ReadEntries(),
        };
        if (!Enum.IsDefined(tail.Next)) reader.Fail();
        return tail;
    }
}
