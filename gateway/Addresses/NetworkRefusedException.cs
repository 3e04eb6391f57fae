using System.Runtime.InteropServices;

namespace Gateway.Addresses;

/// <summary>The kernel does not do what was asked of its network.</summary>
/// <param name="what">What was asked, as in "cannot … ".</param>
/// <param name="errno">The kernel's reason.</param>
internal sealed class NetworkRefusedException(string what, int errno)
    : IOException($"cannot {what}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    public int Errno => errno;
}
