namespace Gateway.Smb.Opens;

// What LOCK and CHANGE_NOTIFY keep with an open.
internal sealed partial class SmbOpen
{
    public LockSequences LockSequences { get; } = new();

    public DirectoryWatch Changes { get; } = new();
}
