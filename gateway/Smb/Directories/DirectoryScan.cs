using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Names;

namespace Gateway.Smb.Directories;

/// <summary>
/// Where the enumeration of an open directory has come to (MS-SMB2 3.3.1.10 EnumerationLocation and
/// EnumerationSearchPattern). Encodes entries into the response while the file system walks over them.
/// </summary>
/// <remarks>
/// Threading: whoever has entered by <see cref="EnterAsync"/>. Two requests on one open run one after the other, as each
/// begins where the other ended.
/// </remarks>
internal sealed class DirectoryScan : DirectoryVisitor, IDisposable
{
    /// <summary>Entries visited in one snapshot; between two of them others get their turn, and CANCEL is looked for.</summary>
    private const int EntriesPerTurn = 4096;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly EntryNames _names = new();
    private DirectoryListing _listing = null!;
    private DirectoryRecordWriter _writer;
    private Memory<byte> _output;
    private int _visited;

    /// <summary>Behind the last entry that was given.</summary>
    public ulong Cookie { get; private set; }

    /// <summary>Null before the first query.</summary>
    public WildcardPattern? Pattern { get; private set; }

    /// <summary>The pattern names one entry: it is looked up, not searched for.</summary>
    public string? SoleName { get; private set; }

    /// <summary>There is nothing behind the cookie.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>An entry did not fit, or no more are wanted.</summary>
    public bool IsFull { get; private set; }

    public int Count => _writer.Count;

    public int OutputBytes => _writer.Length;

    public override bool WantsAttributes => _listing.InformationClass != FileInformationClass.Names;

    public override SecurityToken? Reader => _listing.Reader;

    public ValueTask EnterAsync(CancellationToken cancellation)
    {
        var entered = _turn.WaitAsync(cancellation);
        return entered.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(entered);
    }

    public void Leave() => _turn.Release();

    public void Dispose() => _turn.Dispose();

    /// <summary>From the first entry on, with another pattern.</summary>
    public void Restart(ReadOnlySpan<char> pattern)
    {
        var isSole = !WildcardPattern.HasWildcards(pattern) && pattern is not ("." or "..");
        Pattern = new WildcardPattern(pattern);
        SoleName = isSole ? pattern.ToString() : null;
        Cookie = 0;
        IsAtEnd = false;
    }

    /// <summary>Begins a response.</summary>
    public void Begin(DirectoryListing listing, Memory<byte> output)
    {
        _listing = listing;
        _output = output;
        _writer = new DirectoryRecordWriter(listing.InformationClass);
        IsFull = false;
        _visited = 0;
    }

    /// <summary>Goes on with the directory until the output is full, there is no more, or nobody waits for it.</summary>
    public async ValueTask<FileStatus> FillAsync(
        FileTree files, NodeId directory, Caller caller, CancellationToken cancellation)
    {
        if (SoleName is { } name) return await LookUpAsync(files, directory, name, cancellation);

        while (!IsAtEnd && !IsFull && !cancellation.IsCancellationRequested)
        {
            _visited = 0;
            var read = await files.ReadDirectoryAsync(directory, Cookie, this, caller, cancellation);
            if (read.Status != FileStatus.Ok) return read.Status;
            IsAtEnd = read.EndOfDirectory;
        }

        return FileStatus.Ok;
    }

    /// <summary>A pattern without wildcards names one entry; searching a large directory for it would be waste.</summary>
    private async ValueTask<FileStatus> LookUpAsync(
        FileTree files, NodeId directory, string name, CancellationToken cancellation)
    {
        if (IsAtEnd) return FileStatus.Ok;

        var stored = SmbNames.FromWire(name);
        var isName = stored.Length is > 0 and <= FileSystemLimits.NameBytesMax;
        var walk = isName
            ? await files.WalkAsync(directory, [stored], NameMatch.IgnoreCase, null, cancellation)
            : default(WalkResult) with { Status = FileStatus.NoEntry };
        if (walk.Status is not (FileStatus.Ok or FileStatus.NoEntry)) return walk.Status;

        var isShown = walk.Status == FileStatus.Ok;
        if (isShown && Reader is { } reader)
        {
            var status = await files.CheckReadableAsync(walk.Attributes.Node, reader, cancellation);
            if (status == FileStatus.Unavailable) return status;
            isShown = status == FileStatus.Ok;
        }

        IsAtEnd = !isShown || AddSole(walk.Names[0].Span, walk.Attributes);
        return FileStatus.Ok;
    }

    public override bool Visit(in DirectoryEntry entry)
    {
        // The cookie is not moved, so the entry is the first of the next turn.
        if (_visited++ == EntriesPerTurn) return false;

        var name = _names.Show(entry.Name);
        if (entry.IsReadable && IsMatch(name, entry.Name) && !Add(name, entry.Name, Attributes(entry), entry.Inode))
            return false;

        Cookie = entry.Cookie;
        return !IsFull;
    }

    private bool AddSole(ReadOnlySpan<byte> storedName, in NodeAttributes attributes) =>
        Add(_names.Show(storedName), storedName, attributes, attributes.Node.Inode);

    /// <summary>The pattern is tried on the short name too (MS-FSA 2.1.5.6.3.1).</summary>
    private bool IsMatch(ReadOnlySpan<char> name, ReadOnlySpan<byte> stored) =>
        Pattern!.IsMatch(name) || (_names.ShowShort(stored) is { IsEmpty: false } shortName && Pattern.IsMatch(shortName));

    // Above the share's root there is nothing to be seen.
    private NodeAttributes? Attributes(in DirectoryEntry entry) =>
        _listing.ShareRoot is { } root && FileName.IsDotDot(entry.Name) ? root : entry.Attributes;

    private bool Add(
        ReadOnlySpan<char> name, ReadOnlySpan<byte> stored, in NodeAttributes? attributes, ulong inode)
    {
        var record = new DirectoryRecord { Name = name, FileId = inode };
        if (attributes is { } known) record = Describe(name, stored, _listing.Hidden.Show(name, known));
        if (!_writer.TryAdd(_output.Span, record))
        {
            IsFull = true;
            return false;
        }

        if (_listing.Apple is { } apple && attributes is { } shown)
            apple.Note(_output.Span[_writer.LastRecord..], _writer.LastRecord, shown);
        IsFull = _listing.SingleEntry;
        return true;
    }

    private DirectoryRecord Describe(
        ReadOnlySpan<char> name, scoped ReadOnlySpan<byte> stored, scoped in NodeAttributes attributes)
    {
        return new DirectoryRecord
        {
            Name = name,
            FileId = attributes.Node.Inode,
            CreationTime = attributes.BirthTime.ToFileTime(),
            LastAccessTime = attributes.AccessTime.ToFileTime(),
            LastWriteTime = attributes.ShownModifyTime().ToFileTime(),
            ChangeTime = attributes.ShownChangeTime().ToFileTime(),
            EndOfFile = attributes.EndOfFile(),
            AllocationSize = attributes.AllocationSize(),
            FileAttributes = attributes.ToSmb(),
            EaSize = attributes.ExtendedAttributeBytes,
            ReparseTag = attributes.ReparseTag(),
            ShortName = _listing.WantsShortNames ? _names.ShowShort(stored) : default,
        };
    }
}
