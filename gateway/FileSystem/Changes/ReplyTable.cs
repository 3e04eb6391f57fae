using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// The recorded replies of a volume. Rows are the truth; the index in memory only finds them, is checked against them
/// at every use, and is rebuilt from them whenever the epoch changes. Of what was refused there are no rows: <see
/// cref="RecentAnswers{TAnswer}"/>.
/// </summary>
/// <remarks>
/// <code>
/// key   'R' | client bytes (1) | client | sequence BE
/// row   0x01 | clock LE (8) | request bytes (1) | request | reply
/// </code>
/// Used only inside mutations, hence by one thread at a time.
/// </remarks>
internal sealed class ReplyTable(SipHash hash)
{
    private const byte Version = 1;
    private const int HeadBytes = 1 + 8 + 1;
    private const int KeyBytesMax = 1 + 1 + RecordedReply.ClientBytesMax + 8;
    private const int EvictionsPerRecordMax = 4;

    private static readonly ChangeResult DoneBefore = new() { Status = FileStatus.Ok };

    private readonly Dictionary<UInt128, LinkedListNode<Entry>> _byRequest = [];
    private readonly LinkedList<Entry> _byAge = new();
    private readonly Dictionary<UInt128, Queue<Entry>> _byClient = [];
    private readonly RecentAnswers<FileStatus> _refusals = new();
    private readonly ArrayBufferWriter<byte> _encoder = new(1024);
    private ulong _epoch;
    private bool _loaded;
    private ulong _nextSequence;

    public int Count => _byAge.Count;

    /// <summary>
    /// True when the request was answered before. When it was done then, the reply holds the first answer, and the result says
    /// no more than that.
    /// </summary>
    public bool TryReplay(MutationContext rows, RecordedReply reply, [NotNullWhen(true)] out ChangeResult? answer)
    {
        Check(reply);
        Load(rows);
        var hash = HashOf(reply.Client, reply.Request);
        if (_byRequest.TryGetValue(hash, out var node) && TryReplay(rows, reply, node.Value))
        {
            answer = DoneBefore;
            return true;
        }

        // Without attributes, which have changed since.
        answer = _refusals.Find(hash, rows.ClockNanoseconds) is { } status ? new ChangeResult { Status = status } : null;
        return answer is not null;
    }

    /// <summary>Remembers that the request was refused, unless it was told to come again.</summary>
    public void Refuse(MutationContext rows, RecordedReply reply, FileStatus status)
    {
        if (status is FileStatus.Unavailable or FileStatus.LockConflict) return;

        _refusals.Add(HashOf(reply.Client, reply.Request), rows.ClockNanoseconds, status);
    }

    private static bool TryReplay(MutationContext rows, RecordedReply reply, Entry entry)
    {
        Span<byte> key = stackalloc byte[KeyBytesMax];
        if (!reply.Client.SequenceEqual(entry.Client)
            || !rows.TryGet(KeyOf(key, entry.Client, entry.Sequence), out var row)
            || !TryParse(row, out var clock, out var request, out var bytes)
            || !request.SequenceEqual(reply.Request)
            || RecordedReply.IsExpired(clock, rows.ClockNanoseconds))
        {
            return false;
        }

        reply.Keep(bytes.ToArray(), replayed: true);
        return true;
    }

    /// <summary>Encodes the reply and puts it, and removes some that are too old or too many.</summary>
    public void Record(MutationContext rows, RecordedReply reply, ChangeResult result)
    {
        _encoder.ResetWrittenCount();
        reply.Encode(result, _encoder);
        if (_encoder.WrittenCount > RecordedReply.ReplyBytesMax)
            throw new InvalidOperationException($"A recorded reply has {_encoder.WrittenCount} bytes.");

        var bytes = _encoder.WrittenSpan;
        var request = reply.Request;
        Span<byte> row = stackalloc byte[HeadBytes + request.Length + bytes.Length];
        row[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(row[1..], rows.ClockNanoseconds);
        row[9] = (byte)request.Length;
        request.CopyTo(row[HeadBytes..]);
        bytes.CopyTo(row[(HeadBytes + request.Length)..]);

        var entry = new Entry(
            reply.Client.ToArray(), _nextSequence++, rows.ClockNanoseconds, HashOf(reply.Client, request));
        Span<byte> key = stackalloc byte[KeyBytesMax];
        rows.Put(KeyOf(key, entry.Client, entry.Sequence), row);
        Add(entry);
        reply.Keep(bytes.ToArray(), replayed: false);
        Evict(rows, entry.Client);
    }

    private static void Check(RecordedReply reply)
    {
        if (reply.Client.Length is 0 or > RecordedReply.ClientBytesMax
            || reply.Request.Length is 0 or > RecordedReply.RequestBytesMax)
        {
            throw new InvalidOperationException("A recorded reply's client or request is out of bounds.");
        }
    }

    private void Evict(MutationContext rows, byte[] client)
    {
        var clientHash = HashOf(client, default);
        if (_byClient.TryGetValue(clientHash, out var own) && own.Count > RecordedReply.RepliesPerClientMax)
            Remove(rows, own.Peek());

        for (var i = 0; i < EvictionsPerRecordMax && _byAge.First is { Value: var oldest }; i++)
        {
            if (_byAge.Count <= RecordedReply.RepliesMax && !RecordedReply.IsExpired(oldest.Clock, rows.ClockNanoseconds)) return;
            Remove(rows, oldest);
        }
    }

    private void Remove(MutationContext rows, Entry entry)
    {
        Span<byte> key = stackalloc byte[KeyBytesMax];
        rows.Delete(KeyOf(key, entry.Client, entry.Sequence));

        // Ages grow in one order for all, so the oldest of all is also the oldest of its client.
        var clientHash = HashOf(entry.Client, default);
        var own = _byClient[clientHash];
        own.Dequeue();
        if (own.Count == 0) _byClient.Remove(clientHash);
        if (entry.Node is { } node)
        {
            _byAge.Remove(node);
            if (_byRequest.TryGetValue(entry.Hash, out var current) && current == node) _byRequest.Remove(entry.Hash);
        }
    }

    private void Add(Entry entry)
    {
        entry.Node = _byAge.AddLast(entry);
        _byRequest[entry.Hash] = entry.Node;
        var clientHash = HashOf(entry.Client, default);
        if (!_byClient.TryGetValue(clientHash, out var own)) _byClient[clientHash] = own = new Queue<Entry>();
        own.Enqueue(entry);
    }

    private void Load(MutationContext rows)
    {
        if (_loaded && _epoch == rows.Epoch) return;

        _byRequest.Clear();
        _byAge.Clear();
        _byClient.Clear();
        _refusals.Clear();
        var found = new List<Entry>();
        using (var cursor = rows.OpenCursor())
        {
            for (var more = cursor.Seek([RowKeys.ReplyPrefix]); more; more = cursor.MoveNext())
            {
                if (!RowKeys.HasPrefix(cursor.Key, RowKeys.ReplyPrefix)) break;
                var client = cursor.Key.Slice(2, cursor.Key[1]).ToArray();
                var sequence = BinaryPrimitives.ReadUInt64BigEndian(cursor.Key[(2 + client.Length)..]);
                if (TryParse(cursor.Value, out var clock, out var request, out _))
                    found.Add(new Entry(client, sequence, clock, HashOf(client, request)));
            }
        }

        found.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        foreach (var entry in found) Add(entry);
        _nextSequence = found.Count == 0 ? 1 : found[^1].Sequence + 1;
        _epoch = rows.Epoch;
        _loaded = true;
    }

    private UInt128 HashOf(ReadOnlySpan<byte> client, ReadOnlySpan<byte> request)
    {
        Span<byte> input = stackalloc byte[1 + RecordedReply.ClientBytesMax + RecordedReply.RequestBytesMax];
        input[0] = (byte)client.Length;
        client.CopyTo(input[1..]);
        request.CopyTo(input[(1 + client.Length)..]);
        return hash.Hash(input[..(1 + client.Length + request.Length)]);
    }

    private static ReadOnlySpan<byte> KeyOf(Span<byte> buffer, byte[] client, ulong sequence)
    {
        buffer[0] = RowKeys.ReplyPrefix;
        buffer[1] = (byte)client.Length;
        client.CopyTo(buffer[2..]);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[(2 + client.Length)..], sequence);
        return buffer[..(2 + client.Length + 8)];
    }

    private static bool TryParse(
        ReadOnlySpan<byte> row, out long clock, out ReadOnlySpan<byte> request, out ReadOnlySpan<byte> reply)
    {
        if (row.Length < HeadBytes || row[0] != Version || row.Length < HeadBytes + row[9])
            throw new InvalidDataException("A reply row is malformed.");

        clock = BinaryPrimitives.ReadInt64LittleEndian(row[1..]);
        request = row.Slice(HeadBytes, row[9]);
        reply = row[(HeadBytes + request.Length)..];
        return true;
    }

    private sealed record Entry(byte[] Client, ulong Sequence, long Clock, UInt128 Hash)
    {
        public LinkedListNode<Entry>? Node { get; set; }
    }
}
