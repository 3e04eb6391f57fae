using Gateway.Protocol.Smb2;
using Gateway.Smb.Opens;

namespace Gateway.Smb;

// Counts the request at the open it uses (MS-SMB2 3.3.5.2.10).
internal sealed partial class SmbRequest
{
    private SmbOpen? _countedOpen;
    private uint _counted;
    private Action? _answered;

    /// <summary>The open is used by this element from now on, once however often it is looked up.</summary>
    private NtStatus Use(SmbOpen open)
    {
        if (_countedOpen == open)
            return NtStatus.Success;
        open.NoteUse();
        if (Connection.Dialect < Smb2Dialect.Smb300)
            return NtStatus.Success;
        LeaveOpen();
        var status = open.Channels.Begin(_header, out var counted);
        if (counted is { } count)
        {
            _countedOpen = open;
            _counted = count;
        }

        return status;
    }

    /// <summary>To be done behind the answer of the message, or when an element of it begins to wait.</summary>
    internal void WhenAnswered(Action then) => _answered += then;

    /// <summary>An element waits, perhaps for what waits for the answer.</summary>
    internal void TellAnswered() => TakeAnswered()?.Invoke();

    /// <summary>To be called when the answer is queued or there will be none. Null when nothing waits for it.</summary>
    internal Action? TakeAnswered()
    {
        var answered = _answered;
        _answered = null;
        return answered;
    }

    /// <summary>The element has been carried out; the connection says so, whatever came of it.</summary>
    internal void LeaveOpen()
    {
        _countedOpen?.Channels.End(_counted);
        _countedOpen = null;
    }
}
