using System.Runtime.InteropServices;

namespace Gateway.Lab;

/// <summary>kill(2).</summary>
internal static partial class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>SIGCONT.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP: the process hangs, its connections stay open.</summary>
    public const int Stop = 19;

    /// <summary>False when the process is gone already.</summary>
    public static bool Send(int pid, int signal) => KillProcess(pid, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillProcess(int pid, int signal);
}
