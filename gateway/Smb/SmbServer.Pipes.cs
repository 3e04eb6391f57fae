using Gateway.Smb.Pipes;

namespace Gateway.Smb;

internal sealed partial class SmbServer
{
    private PipeServer? _pipes;

    /// <summary>The named pipes of IPC$.</summary>
    public PipeServer Pipes => LazyInitializer.EnsureInitialized(ref _pipes, () => new PipeServer(new SmbServerDirectory(this)));
}
