namespace Gateway.FileSystem.Watches;

/// <summary>What happened to a name (MS-FSCC 2.7.1, Action).</summary>
public enum WatchAction
{
    Added = 1,
    Removed = 2,
    Modified = 3,
    RenamedOldName = 4,
    RenamedNewName = 5,
    AddedStream = 6,
    RemovedStream = 7,
    ModifiedStream = 8,
}
