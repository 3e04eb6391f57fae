using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Bench;

/// <summary>One round of the load against one server: every phase once, its rate by our clock.</summary>
/// <remarks>In a directory of its own: one that has seen thousands of files come and go is slow on a peer.</remarks>
internal sealed class LoadRound
{
    private const int BlockBytes = 1 << 20;
    private const int SmallBytes = 4096;
    private const int BlocksPerMebibyte = BlockBytes / SmallBytes;
    private const long LargeFile = -1;

    private readonly CallPipeline _pipeline;
    private readonly LoadSize _size;
    private readonly byte[] _content = new byte[BlockBytes];
    private readonly byte[] _name = new byte[32];
    private readonly byte[] _directory;
    private readonly string _directoryName;
    private readonly NfsShare _share;
    private readonly Nfs3Handle[] _files;
    private readonly ReplyHandler _checkStatus;
    private readonly ReplyHandler _keepHandle;
    private readonly ReplyHandler _checkRead;
    private readonly Random _random;
    private Nfs3Handle _large;
    private int _nameLength;
    private long _readBytes;

    public LoadRound(NfsShare share, LoadSize size, int seed)
    {
        _size = size;
        _pipeline = share.Pipeline(size.Depth);
        _files = new Nfs3Handle[size.Files];
        _share = share;
        _directoryName = string.Create(CultureInfo.InvariantCulture, $"bench.{seed}.{share.NextXid()}");
        var made = share.MkDir(share.Root, _directoryName);
        if (made.Status != Nfs3Status.Ok)
            throw new NfsStatusException("MKDIR", made.Status);
        _directory = made.Handle!.Value.Span.ToArray();
        _checkStatus = CheckStatus;
        _keepHandle = KeepHandle;
        _checkRead = CheckRead;
        _random = new Random(seed);
        _random.NextBytes(_content);
    }

    /// <summary>Rates by phase, in the unit of the phase.</summary>
    /// <exception cref="NfsStatusException">The server failed a call.</exception>
    public double[] Run()
    {
        var rates = new double[Enum.GetValues<Phase>().Length];
        SetName(LargeFile);
        Create(LargeFile);
        _pipeline.Drain(0, _keepHandle);
        foreach (var phase in Enum.GetValues<Phase>())
        {
            var (count, issue, handler) = Steps(phase);
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                _pipeline.Drain(_size.Depth - 1, handler);
                issue(i);
            }

            if (phase == Phase.SequentialWrite)
                Commit(handler);
            _pipeline.Drain(0, handler);
            rates[(int)phase] = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
            CheckVolume(phase, count);
        }

        SetName(LargeFile);
        Remove(0);
        _pipeline.Drain(0, _checkStatus);
        _share.RemoveDirectory(_share.Root, _directoryName);
        return rates;
    }

    private (int Count, Action<int> Issue, ReplyHandler Handler) Steps(Phase phase) => phase switch
    {
        Phase.SequentialWrite => (
            _size.Mebibytes,
            i => Write(_large, (ulong)i * BlockBytes, BlockBytes, Nfs3Stability.Unstable),
            _checkStatus),
        Phase.SequentialRead => (_size.Mebibytes, i => Read(_large, (ulong)i * BlockBytes, BlockBytes), _checkRead),
        Phase.RandomRead => (_size.Files, _ => Read(_large, RandomOffset(), SmallBytes), _checkRead),
        Phase.RandomWriteSync => (
            _size.Files / 2, _ => Write(_large, RandomOffset(), SmallBytes, Nfs3Stability.FileSync), _checkStatus),
        Phase.Create => (_size.Files, i => Named(i, Create), _keepHandle),
        Phase.SmallWriteSync => (
            _size.Files, i => Write(_files[i], 0, SmallBytes, Nfs3Stability.FileSync), _checkStatus),
        Phase.Lookup => (_size.Files, i => Named(i, Lookup), _checkStatus),
        Phase.GetAttr => (_size.Files, GetAttr, _checkStatus),
        Phase.SmallRead => (_size.Files, i => Read(_files[i], 0, SmallBytes), _checkRead),
        _ => (_size.Files, i => Named(i, Remove), _checkStatus),
    };

    private ulong RandomOffset() => (ulong)_random.Next(_size.Mebibytes * BlocksPerMebibyte) * SmallBytes;

    private void Named(int i, Action<long> call)
    {
        SetName(i);
        call(i);
    }

    private void SetName(long i)
    {
        "bench."u8.CopyTo(_name);
        Utf8Formatter.TryFormat(i, _name.AsSpan(6), out var digits);
        _nameLength = 6 + digits;
    }

    private DirOpArgs Where() => new() { Directory = _directory, Name = _name.AsSpan(0, _nameLength) };

    private void Create(long tag)
    {
        var writer = _pipeline.Begin(Nfs3Procedure.Create, tag, out var start);
        new CreateArgs
        {
            Where = Where(),
            Mode = Nfs3CreateMode.Unchecked,
            Attributes = new Nfs3SetAttributes { Mode = 0x1A4 },
        }.Write(writer);
        _pipeline.End(start);
    }

    private void Lookup(long tag)
    {
        var writer = _pipeline.Begin(Nfs3Procedure.Lookup, tag, out var start);
        Where().Write(writer);
        _pipeline.End(start);
    }

    private void Remove(long tag)
    {
        var writer = _pipeline.Begin(Nfs3Procedure.Remove, tag, out var start);
        Where().Write(writer);
        _pipeline.End(start);
    }

    private void GetAttr(int i)
    {
        var writer = _pipeline.Begin(Nfs3Procedure.GetAttr, i, out var start);
        new HandleArgs { Handle = _files[i].Span }.Write(writer);
        _pipeline.End(start);
    }

    private void Read(in Nfs3Handle file, ulong offset, int count)
    {
        var writer = _pipeline.Begin(Nfs3Procedure.Read, count, out var start);
        new ReadArgs { Handle = file.Span, Offset = offset, Count = (uint)count }.Write(writer);
        _pipeline.End(start);
    }

    private void Write(in Nfs3Handle file, ulong offset, int count, Nfs3Stability stability)
    {
        var writer = _pipeline.Begin(Nfs3Procedure.Write, count, out var start);
        new WriteArgs
        {
            Handle = file.Span,
            Offset = offset,
            Count = (uint)count,
            Stability = stability,
            Content = _content.AsSpan(0, count),
        }.Write(writer);
        _pipeline.End(start);
    }

    private void Commit(ReplyHandler handler)
    {
        _pipeline.Drain(_size.Depth - 1, handler);
        var writer = _pipeline.Begin(Nfs3Procedure.Commit, 0, out var start);
        new CommitArgs { Handle = _large.Span, Offset = 0, Count = 0 }.Write(writer);
        _pipeline.End(start);
    }

    // The first word of every result is the status.
    private static void CheckStatus(long tag, ReadOnlySpan<byte> result)
    {
        var status = (Nfs3Status)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(result);
        if (status != Nfs3Status.Ok)
            throw new NfsStatusException("a call of the load", status);
    }

    private void CheckRead(long tag, ReadOnlySpan<byte> result)
    {
        CheckStatus(tag, result);
        if (result.Length < tag)
            throw new IOException($"A READ of {tag} bytes brought fewer.");
        _readBytes += tag;
    }

    private void KeepHandle(long tag, ReadOnlySpan<byte> result)
    {
        CheckStatus(tag, result);
        if (!NewObjectRes.TryParse(result, out var created) || created.Handle is not { } handle)
            throw new IOException("CREATE brought no handle.");
        if (tag == LargeFile)
            _large = handle;
        else
            _files[tag] = handle;
    }

    private void CheckVolume(Phase phase, int count)
    {
        var expected = phase switch
        {
            Phase.SequentialRead => (long)count * BlockBytes,
            Phase.RandomRead or Phase.SmallRead => (long)count * SmallBytes,
            _ => 0,
        };
        if (_readBytes != expected)
            throw new IOException($"{phase.Title()} read {_readBytes} bytes of {expected}.");
        _readBytes = 0;
    }
}
