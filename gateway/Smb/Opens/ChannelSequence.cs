using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Opens;

/// <summary>
/// What a client sent before a channel failed must not be carried out after what it sent again: the requests that name
/// an open, counted by the ChannelSequence they carry (MS-SMB2 3.3.5.2.10).
/// </summary>
/// <remarks>Threading: any.</remarks>
internal sealed class ChannelSequence
{
    private readonly Lock _sync = new();
    private ushort _sequence;

    /// <summary>Counts the changes of the sequence, which itself goes around.</summary>
    private uint _generation;
    private int _running;
    private int _olderRunning;

    /// <summary>
    /// FileNotAvailable when the request would change something and comes from before the last failure of a channel, or
    /// is a replay while such requests are still running.
    /// </summary>
    /// <param name="header">Of the request.</param>
    /// <param name="counted">To be handed to <see cref="End"/> when it is done; null when it was not counted.</param>
    public NtStatus Begin(in Smb2Header header, out uint? counted)
    {
        counted = null;
        lock (_sync)
        {
            var ahead = unchecked((short)(header.ChannelSequence - _sequence));
            if (ahead < 0 || (header.IsReplay && _olderRunning != 0))
                return IsChange(header.Command) ? NtStatus.FileNotAvailable : NtStatus.Success;
            if (ahead > 0)
            {
                _sequence = header.ChannelSequence;
                _olderRunning += _running;
                _running = 0;
                _generation++;
            }

            _running++;
            counted = _generation;
            return NtStatus.Success;
        }
    }

    /// <summary>The request is answered.</summary>
    public void End(uint counted)
    {
        lock (_sync)
        {
            if (counted == _generation)
                _running--;
            else
                _olderRunning--;
        }
    }

    /// <summary>A client that comes back counts from zero.</summary>
    public void Restart()
    {
        lock (_sync)
        {
            _sequence = 0;
            _olderRunning += _running;
            _running = 0;
            _generation++;
        }
    }

    private static bool IsChange(Smb2Command command) =>
        command is Smb2Command.Write or Smb2Command.SetInfo or Smb2Command.Ioctl;
}
