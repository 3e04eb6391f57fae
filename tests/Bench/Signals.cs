using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Gateway.Bench;

/// <summary>Signals to processes, kill(2).</summary>
internal static partial class Signals
{
    /// <exception cref="Win32Exception">There is no such process, or it is another user's.</exception>
    public static void Send(int process, int signal)
    {
        if (Kill(process, signal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
