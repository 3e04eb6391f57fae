using System.Runtime.InteropServices;

namespace Gateway.Lab;

/// <summary>setns(2): a socket belongs to the network that its thread was in when it was made.</summary>
internal static partial class NetworkNamespace
{
    private const int CloneNewNet = 0x4000_0000;

    /// <summary>Runs <paramref name="action"/> on this thread inside, and comes back.</summary>
    public static T Enter<T>(string path, Func<T> action)
    {
        using var home = File.OpenHandle("/proc/thread-self/ns/net");
        using var inside = File.OpenHandle(path);
        if (SetNamespace(inside, CloneNewNet) != 0)
            throw new InvalidOperationException($"setns: errno {Marshal.GetLastPInvokeError()}");

        try
        {
            return action();
        }
        finally
        {
            if (SetNamespace(home, CloneNewNet) != 0)
                Environment.FailFast("A thread is lost in a network namespace.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeHandle handle, int kind);
}
