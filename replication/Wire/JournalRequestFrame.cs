using Gateway.Replication.Quorum;

namespace Gateway.Replication.Wire;

/// <summary>A request of the journal protocol on the wire: kind (1), common header, and what the kind needs.</summary>
public readonly record struct JournalRequestFrame(NodeRequest Request) : IWireMessage<JournalRequestFrame>
{
    private enum RequestKind : byte
    {
        Admit = 1,
        Trim = 2,
        Release = 3,
        InstallBase = 4,
        NewEpoch = 5,
        Append = 6,
        Fetch = 7,
        Tail = 8,
        Retire = 9,
    }

    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)KindOf(Request));
        WriteHeader(writer, Request.Header);
        switch (Request)
        {
            case TrimRequest trim:
                writer.WriteUInt64(trim.UpToIndex);
                writer.WriteUInt64(trim.CheckpointIndex);
                break;
            case InstallBaseRequest install:
                writer.WriteLogBase(install.Base);
                break;
            case AppendRequest append:
                WriteAppend(writer, append);
                break;
            case FetchRequest fetch:
                writer.WriteUInt64(fetch.FromIndex);
                writer.WriteUInt64(fetch.ToIndex);
                writer.WriteInt32(fetch.BytesMax);
                break;
            case TailRequest tail:
                writer.WriteUInt64(tail.FromIndex);
                writer.WriteInt32(tail.BytesMax);
                writer.WriteInt32(tail.WaitMilliseconds);
                writer.WriteUInt64(tail.KnownReleasedEpoch);
                break;
            default:
                break;
        }
    }

    /// <summary>The entries' payloads go on viewing the reader's memory.</summary>
    public static JournalRequestFrame Read(ref WireReader reader)
    {
        var kind = (RequestKind)reader.ReadByte();
        var header = ReadHeader(ref reader);
        return new JournalRequestFrame(kind switch
        {
            RequestKind.Admit => new AdmitRequest { Header = header },
            RequestKind.Trim => new TrimRequest
            {
                Header = header,
                UpToIndex = reader.ReadUInt64(),
                CheckpointIndex = reader.ReadUInt64(),
            },
            RequestKind.Release => new ReleaseRequest { Header = header },
            RequestKind.Retire => new RetireRequest { Header = header },
            RequestKind.InstallBase => new InstallBaseRequest { Header = header, Base = reader.ReadLogBase() },
            RequestKind.NewEpoch => new NewEpochRequest { Header = header },
            RequestKind.Append => ReadAppend(ref reader, header),
            RequestKind.Fetch => new FetchRequest
            {
                Header = header,
                FromIndex = reader.ReadUInt64(),
                ToIndex = reader.ReadUInt64(),
                BytesMax = reader.ReadInt32(),
            },
            RequestKind.Tail => new TailRequest
            {
                Header = header,
                FromIndex = reader.ReadUInt64(),
                BytesMax = reader.ReadInt32(),
                WaitMilliseconds = reader.ReadInt32(),
                KnownReleasedEpoch = reader.ReadUInt64(),
            },
            _ => throw new WireViolationException($"an unknown journal request {(byte)kind}"),
        });
    }

    private static RequestKind KindOf(NodeRequest request) => request switch
    {
        AdmitRequest => RequestKind.Admit,
        TrimRequest => RequestKind.Trim,
        ReleaseRequest => RequestKind.Release,
        InstallBaseRequest => RequestKind.InstallBase,
        NewEpochRequest => RequestKind.NewEpoch,
        AppendRequest => RequestKind.Append,
        FetchRequest => RequestKind.Fetch,
        TailRequest => RequestKind.Tail,
        RetireRequest => RequestKind.Retire,
        _ => throw new ArgumentException($"{request.GetType().Name} has no wire form.", nameof(request)),
    };

    private static void WriteHeader(WireWriter writer, in RequestHeader header)
    {
        writer.WriteGuid(header.VolumeId);
        writer.WriteUInt64(header.Epoch);
        writer.WriteUInt64(header.OwnerId);
        writer.WriteUInt64(header.ConfigGeneration);
        writer.WriteUInt64(header.Incarnation);
        writer.WriteInt64(header.SentAt);
    }

    private static RequestHeader ReadHeader(ref WireReader reader) => new(
        reader.ReadGuid(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(),
        reader.ReadInt64());

    private static void WriteAppend(WireWriter writer, AppendRequest append)
    {
        writer.WriteEntryId(append.Previous);
        writer.WriteUInt64(append.CommitIndex);
        writer.WriteUInt64(append.EpochStartIndex);
        writer.WriteUInt64(append.EchoNonce);
        writer.WriteEntries(append.Entries.Span);
    }

    private static AppendRequest ReadAppend(ref WireReader reader, in RequestHeader header) => new()
    {
        Header = header,
        Previous = reader.ReadEntryId(),
        CommitIndex = reader.ReadUInt64(),
        EpochStartIndex = reader.ReadUInt64(),
        EchoNonce = reader.ReadUInt64(),
        Entries = reader.ReadEntries(),
    };
}
