using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Pipes;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;

namespace Gateway.Smb.Opens;

/// <summary>An open of a client: a file, directory or pipe (MS-SMB2 3.3.1.10).</summary>
/// <remarks>
/// Threading: any. Each change of its state is made under its own lock, and only one of those who want to end it gets to.
/// What a command keeps with an open is in a part of this class of its own.
/// </remarks>
[SuppressMessage("Maintainability", "CA1506", Justification = "Each part names what one command keeps with an open.")]
internal sealed partial class SmbOpen
{
    private readonly SmbOpenTable _table;
    private readonly Lock _sync = new();
    private volatile State _state = State.Opening;
    private List<Action>? _closing;
    private volatile TreeConnect? _tree;
    private volatile SmbSession? _session;

    public SmbOpen(SmbOpenTable table, FileId id, TreeConnect tree)
    {
        _table = table;
        Id = id;
        Share = tree.Share;
        _tree = tree;
        _session = tree.Session;
        ClientGuid = tree.Session.ClientGuid;
        Queries = new QueryState(this);
    }

    /// <summary>A persistent open of an earlier epoch, which waits for its client.</summary>
    public SmbOpen(SmbOpenTable table, FileId id, Share share, Open file, PersistentGrant grant)
    {
        _table = table;
        _state = State.Away;
        Id = id;
        Share = share;
        ClientGuid = file.Client;
        File = file;
        Action = (CreateAction)file.Action;
        AppInstanceId = grant.Application;
        Durable = new DurableGrant(2, grant.Timeout, grant.CreateGuid, file.Token.User, IsPersistent: true);
        Queries = new QueryState(this);
    }

    private enum State
    {
        /// <summary>Its CREATE is not answered.</summary>
        Opening,
        Connected,

        /// <summary>A durable open that waits for its client.</summary>
        Away,
        Closed,
    }

    /// <summary>The same for as long as the open lives, also when its client comes back.</summary>
    public FileId Id { get; }

    /// <summary>Whatever tree it came by.</summary>
    public Share Share { get; }

    /// <summary>
    /// Another one after the client of a durable open came back. Not to be asked for of one whose client has not come back
    /// since the server started.
    /// </summary>
    public TreeConnect Tree => _tree ?? throw new InvalidOperationException("No client has come back for the open.");

    /// <summary>It came, or came back, by this tree.</summary>
    public bool IsOf(TreeConnect tree) => _tree == tree;

    /// <summary>Null while a durable open waits for its client.</summary>
    public SmbSession? Session => _session;

    /// <summary>Of the connection that made it.</summary>
    public Guid ClientGuid { get; }

    /// <summary>Null for a pipe.</summary>
    public Open? File { get; private set; }

    /// <summary>Null for files and directories.</summary>
    public Pipe? Pipe { get; private set; }

    /// <summary>Requests that name the open.</summary>
    public ChannelSequence Channels { get; } = new();

    /// <summary>What the CREATE did, for its replay.</summary>
    public CreateAction Action { get; private set; }

    /// <summary>What the commands that query and set information keep with it.</summary>
    public QueryState Queries { get; }

    public bool IsDirectory => File is { IsDirectory: true };

    /// <summary>Listings through the open carry what the Finder asks for.</summary>
    public bool ReadsAppleAttributes => _session is { ReadsAppleAttributes: true };

    /// <summary>
    /// Runs the action when the open ends, or at once when it has: to end what waits on it. It must not throw.
    /// </summary>
    public void OnClosing(Action action)
    {
        lock (_sync)
        {
            if (_state != State.Closed)
            {
                (_closing ??= []).Add(action);
                return;
            }
        }

        action();
    }

    /// <summary>Takes back an action of <see cref="OnClosing"/>.</summary>
    public void RemoveClosing(Action action)
    {
        lock (_sync)
        {
            _closing?.Remove(action);
        }
    }

    /// <summary>Ends the open; only the first call does anything. As <see cref="Gateway.FileSystem.Opens.Open.CloseAsync"/>.</summary>
    public ValueTask<FileStatus> CloseAsync() => TryEnd() ? TearDownAsync() : new(FileStatus.Ok);

    /// <summary>
    /// The CREATE succeeded. False when session or tree ended meanwhile: then the caller closes what it opened.
    /// </summary>
    internal bool TryConnect(Open file, CreateAction action)
    {
        lock (_sync)
        {
            if (_state != State.Opening)
                return false;
            File = file;
            Action = action;
            _state = State.Connected;
            return true;
        }
    }

    /// <inheritdoc cref="TryConnect(Open, CreateAction)"/>
    internal bool TryConnect(Pipe pipe)
    {
        lock (_sync)
        {
            if (_state != State.Opening)
                return false;
            Pipe = pipe;
            Action = CreateAction.Opened;
            _state = State.Connected;
            return true;
        }
    }

    /// <summary>True for the one caller that ends the open; it goes on with <see cref="TearDownAsync"/>.</summary>
    private bool TryEnd(State? only = null)
    {
        lock (_sync)
        {
            if (_state == State.Closed || (only is { } required && _state != required))
                return false;
            _state = State.Closed;
            _timer?.Dispose();
            _timer = null;
            return true;
        }
    }

    private async ValueTask<FileStatus> TearDownAsync()
    {
        Leave();
        Pipe?.Dispose();
        return File is { } file ? await file.CloseAsync() : FileStatus.Ok;
    }

    /// <summary>Takes a closed open out of everything but the file.</summary>
    private void Leave()
    {
        _table.Remove(this);
        List<Action>? closing;
        lock (_sync)
        {
            closing = _closing;
            _closing = null;
        }

        closing?.ForEach(action => action());
    }
}
