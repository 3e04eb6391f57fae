using Gateway.Protocol.Smb2;
using Gateway.Smb.Commands;
using Gateway.Smb.Connections;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;

namespace Gateway.Smb;

/// <summary>Which handler carries out which command, and what must be in order before it is called (MS-SMB2 3.3.5).</summary>
internal sealed class SmbCommands
{
    private const int Count = (int)Smb2Command.OplockBreak + 1;

    private readonly SmbCommand?[] _commands = new SmbCommand?[Count];

    /// <summary>Null unless the server is under test.</summary>
    private readonly SmbCommand? _ioctlWithoutSession;

    public SmbCommands(bool offersTestControls)
    {
        if (offersTestControls)
            _ioctlWithoutSession = new SmbCommand(IoctlRequest.StructureSize, SmbNeeds.Nothing, IoctlTorture.RunWithoutSessionAsync);
        Add(Smb2Command.Negotiate, NegotiateRequest.StructureSize, SmbNeeds.Nothing, Negotiate.RunAsync);
        Add(Smb2Command.SessionSetup, SessionSetupRequest.StructureSize, SmbNeeds.Nothing, SessionSetup.RunAsync);
        Add(Smb2Command.Logoff, EmptyMessage.StructureSize, SmbNeeds.Session, Logoff.RunAsync);
        Add(Smb2Command.TreeConnect, TreeConnectRequest.StructureSize, SmbNeeds.Session, TreeConnectCommand.ConnectAsync);
        Add(Smb2Command.TreeDisconnect, EmptyMessage.StructureSize, SmbNeeds.Tree, TreeConnectCommand.DisconnectAsync);
        Add(Smb2Command.Create, CreateRequest.StructureSize, SmbNeeds.Tree, CreateCommand.RunAsync);
        Add(Smb2Command.Close, CloseRequest.BodyBytes, SmbNeeds.Tree, CloseCommand.RunAsync);

        // The size of the structure tells an oplock from a lease.
        Add(Smb2Command.OplockBreak, 0, SmbNeeds.Tree, OplockBreakCommand.RunAsync);
        Add(Smb2Command.QueryDirectory, QueryDirectoryRequest.StructureSize, SmbNeeds.Tree, QueryDirectoryCommand.RunAsync);
        Add(Smb2Command.QueryInfo, QueryInfoRequest.StructureSize, SmbNeeds.Tree, QueryInfoCommand.RunAsync);
        Add(Smb2Command.SetInfo, SetInfoRequest.StructureSize, SmbNeeds.Tree, SetInfoCommand.RunAsync);
        Add(Smb2Command.Echo, EmptyMessage.StructureSize, SmbNeeds.Nothing, Echo.RunAsync);
        Add(Smb2Command.Read, ReadRequest.StructureSize, SmbNeeds.Tree, ReadCommand.RunAsync);
        Add(Smb2Command.Write, WriteRequest.StructureSize, SmbNeeds.Tree, WriteCommand.RunAsync);
        Add(Smb2Command.Flush, FlushRequest.BodyBytes, SmbNeeds.Tree, FlushCommand.RunAsync);
        Add(Smb2Command.Lock, LockRequest.StructureSize, SmbNeeds.Tree, LockCommand.RunAsync);
        Add(Smb2Command.Ioctl, IoctlRequest.StructureSize, SmbNeeds.Tree, IoctlCommand.RunAsync);
        Add(Smb2Command.ChangeNotify, ChangeNotifyRequest.BodyBytes, SmbNeeds.Tree, ChangeNotifyCommand.RunAsync);
    }

    /// <summary>Null for a code that is no command.</summary>
    public SmbCommand? Find(in Smb2Header header)
    {
        if (_ioctlWithoutSession is not null && header is { Command: Smb2Command.Ioctl, SessionId: 0 }) return _ioctlWithoutSession;
        return (int)header.Command < Count ? _commands[(int)header.Command] : null;
    }

    private void Add(Smb2Command command, int structureSize, SmbNeeds needs, SmbHandler handler) =>
        _commands[(int)command] = new SmbCommand(structureSize, needs, handler);
}

/// <summary>What a command needs.</summary>
internal enum SmbNeeds
{
    /// <summary>Nothing: the handler looks for itself.</summary>
    Nothing,
    Session,

    /// <summary>A session and a tree of it.</summary>
    Tree,
}

/// <param name="StructureSize">What the body of the request must begin with.</param>
/// <param name="Needs">What must be there before the handler is called.</param>
/// <param name="Handler">Carries it out.</param>
internal sealed record SmbCommand(int StructureSize, SmbNeeds Needs, SmbHandler Handler);
