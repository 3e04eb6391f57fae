using Gateway.FileSystem.Opens;
using Gateway.Smb.Directories;

namespace Gateway.Smb.Opens;

/// <summary>What QUERY_DIRECTORY, QUERY_INFO and SET_INFO keep with an open.</summary>
/// <remarks>Threading: any; of requests at the same time on one open the last to set a value wins.</remarks>
internal sealed class QueryState(SmbOpen open)
{
    /// <summary>The options of CREATE that FileModeInformation shows (MS-FSCC 2.4.26).</summary>
    private const OpenOptions ModeOptions = OpenOptions.WriteThrough
        | OpenOptions.SequentialOnly
        | OpenOptions.NoIntermediateBuffering
        | OpenOptions.SynchronousAlert
        | OpenOptions.SynchronousNonAlert
        | OpenOptions.DeleteOnClose;

    private const long NotSet = -1;

    private DirectoryScan? _scan;
    private long _position;
    private long _mode = NotSet;

    /// <summary>Where its enumeration is; made when it is first needed, as most opens are of files.</summary>
    public DirectoryScan Scan => Volatile.Read(ref _scan) ?? MakeScan();

    /// <summary>CurrentByteOffset: kept for the client, used for nothing else (MS-FSCC 2.4.35).</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    /// <summary>FileModeInformation: what CREATE said, or what was set since.</summary>
    public uint Mode
    {
        get => Volatile.Read(ref _mode) is not NotSet and var mode ? (uint)mode : (uint)((open.File?.Options ?? default) & ModeOptions);
        set => Volatile.Write(ref _mode, value);
    }

    /// <summary>How many extended attributes the queries so far have given (MS-FSA 2.1.5.11.16).</summary>
    public int AttributesGiven { get; set; }

    private DirectoryScan MakeScan()
    {
        var made = new DirectoryScan();
        return Interlocked.CompareExchange(ref _scan, made, null) ?? made;
    }
}
