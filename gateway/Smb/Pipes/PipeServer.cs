using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Pipes;

/// <summary>The named pipes of IPC$ and the interfaces behind them.</summary>
/// <remarks>Threading: any. As on Windows, an association may bind any of the interfaces, whichever pipe it came by.</remarks>
internal sealed class PipeServer(IServerDirectory directory)
{
    private const string Prefix = "PIPE\\";

    private static readonly string[] Names = ["srvsvc", "wkssvc", "lsarpc"];

    private readonly IRpcInterface[] _interfaces =
        [new SrvsvcInterface(directory), new WkssvcInterface(directory), new LsarpcInterface(directory)];

    private int _open;

    /// <summary>True when there is a pipe of this name, written with or without <c>\PIPE\</c>.</summary>
    public static bool Exists(string name) => Find(name) is not null;

    /// <summary>
    /// Opens a pipe: OBJECT_NAME_NOT_FOUND for one that is not there. Who came without a name gets only the pipe by which
    /// shares are listed, and only where that is allowed.
    /// </summary>
    public NtStatus TryOpen(string name, PipeCaller caller, out Pipe? pipe)
    {
        pipe = null;
        if (Find(name) is not { } known) return NtStatus.ObjectNameNotFound;

        IRpcInterface[] interfaces = caller.IsAnonymous ? Array.FindAll(_interfaces, each => each.AllowsAnonymous) : _interfaces;
        if (caller.IsAnonymous && (!directory.AllowsAnonymousList || known != Names[0])) return NtStatus.AccessDenied;
        if (Interlocked.Increment(ref _open) > PipeLimits.PipesMax)
        {
            Leave();
            return NtStatus.InstanceNotAvailable;
        }

        pipe = new Pipe(this, new RpcAssociation(interfaces, caller, "\\" + Prefix + known));
        return NtStatus.Success;
    }

    /// <summary>A pipe was closed.</summary>
    internal void Leave() => Interlocked.Decrement(ref _open);

    private static string? Find(string name)
    {
        var plain = name.AsSpan().TrimStart('\\');
        if (plain.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) plain = plain[Prefix.Length..];
        foreach (var known in Names)
        {
            if (plain.Equals(known, StringComparison.OrdinalIgnoreCase)) return known;
        }

        return null;
    }
}
