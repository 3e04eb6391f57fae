using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Locks;

/// <summary>Lock manager and status monitor of the exported volumes, put together.</summary>
internal sealed class LockServer : IAsyncDisposable
{
    private readonly LockVolumes _volumes;
    private readonly GrantCallbacks _callbacks;

    public LockServer(ExportTable exports, TimeProvider time, ILoggerFactory loggers)
        : this(exports, new GrantCallbacks(new GrantTimings(), time, loggers.CreateLogger<GrantCallbacks>()), time, loggers)
    {
    }

    public LockServer(ExportTable exports, GrantCallbacks callbacks, TimeProvider time, ILoggerFactory loggers)
    {
        _callbacks = callbacks;
        _volumes = new LockVolumes(loggers.CreateLogger<LockVolumes>());
        var procedures = new LockProcedures(exports, _volumes, callbacks);
        Programs = [new Nlm4Program(procedures, new LockAnswers(time), _volumes, callbacks), new NsmProgram(_volumes)];
    }

    /// <summary>NLM and NSM, to be served with the other programs; NSM over UDP too.</summary>
    public IReadOnlyList<IRpcProgram> Programs { get; }

    /// <summary>Hosts that hold locks.</summary>
    public int ClientCount => _volumes.ClientCount;

    /// <summary>Locks whose clients do not know yet that they have them.</summary>
    public int PendingGrants => _callbacks.PendingCount;

    /// <summary>A volume is to be served: before its first request.</summary>
    public ValueTask<FileStatus> OpenAsync(FileTree tree) => _volumes.OpenAsync(tree);

    /// <summary>A volume is no longer served: its waiting locks are forgotten, for their clients ask again.</summary>
    public void Close(FileTree tree)
    {
        _volumes.Close(tree);
        _callbacks.Forget(tree.Locks);
    }

    /// <summary>Ends the call-backs. Locks stay held.</summary>
    public ValueTask DisposeAsync() => _callbacks.DisposeAsync();
}
