using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Trees;

/// <summary>A share that a session uses (MS-SMB2 3.3.1.9).</summary>
/// <remarks>Threading: any; what can change is volatile.</remarks>
internal sealed class TreeConnect(uint id, Share share, SmbSession session, NodeId root)
{
    private volatile bool _isDisconnected;

    /// <summary>Unique within the session.</summary>
    public uint Id { get; } = id;

    public Share Share { get; } = share;

    public SmbSession Session { get; } = session;

    /// <summary>The volume of a share of files; not to be asked for of a pipe share.</summary>
    public FileTree Files => Share.Files ?? throw new InvalidOperationException("The share has no files.");

    /// <summary>The directory that is shared.</summary>
    public NodeId Root { get; } = root;

    public bool IsPipe => Share.Type == ShareType.Pipe;

    /// <summary>The most any open through this tree may be granted.</summary>
    public required AccessMask MaximalAccess { get; init; }

    /// <summary>Only encrypted requests are let in.</summary>
    public bool EncryptData => Share.EncryptData;

    /// <summary>Opens may be persistent.</summary>
    public bool IsContinuous => Share.IsContinuous;

    /// <summary>No further request is let in.</summary>
    public bool IsDisconnected => _isDisconnected;

    internal void Disconnect() => _isDisconnected = true;
}
