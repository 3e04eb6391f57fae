using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Lab.Scenarios.Network;

/// <summary>One end of an Ethernet cable whose other end is a device of a network namespace: frames in, frames out.</summary>
/// <remarks>The device is gone when the handle is closed. One thread may read while others write: a frame is one call.</remarks>
internal sealed partial class TapDevice : IDisposable
{
    private const int ReadWriteNonBlocking = 0x2 | 0x800;
    private const nuint AttachTap = 0x4004_54CA;
    private const short TapWithoutHeader = 0x2 | 0x1000;
    private const short Readable = 1;
    private const int NameBytesMax = 15;
    private const int RequestBytes = 40;
    private const int FlagsAt = 16;
    private const int TryAgain = 11;

    private readonly SafeFileHandle _handle;

    /// <summary>Makes the device in the network namespace that this thread is in.</summary>
    public TapDevice(string name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, NameBytesMax, nameof(name));
        _handle = Open("/dev/net/tun", ReadWriteNonBlocking);
        if (_handle.IsInvalid) throw new Win32Exception(Marshal.GetLastPInvokeError(), "/dev/net/tun");

        var request = new byte[RequestBytes];
        Encoding.ASCII.GetBytes(name, request);
        BitConverter.TryWriteBytes(request.AsSpan(FlagsAt), TapWithoutHeader);
        if (Control(_handle, AttachTap, request) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), $"TUNSETIFF {name}");
    }

    /// <summary>Length of the next frame, or 0 when none came in that time.</summary>
    public int Read(Span<byte> frame, TimeSpan within)
    {
        var count = Read(_handle, frame, (nuint)frame.Length);
        if (count >= 0) return (int)count;
        if (Marshal.GetLastPInvokeError() != TryAgain) return 0;

        var wait = new PollRequest { Descriptor = (int)_handle.DangerousGetHandle(), Events = Readable };
        return Poll(ref wait, 1, (int)within.TotalMilliseconds) <= 0 ? 0 : (int)Math.Max(0, Read(_handle, frame, (nuint)frame.Length));
    }

    /// <summary>Hands a frame to the device; one that it does not take is lost, as on any cable.</summary>
    public void Write(ReadOnlySpan<byte> frame) => _ = Write(_handle, frame, (nuint)frame.Length);

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, nuint request, [In] byte[] argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle handle, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollRequest requests, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Results;
    }
}
