namespace Gateway.Smb.Opens;

/// <summary>
/// Breaks of an open whose CREATE is not answered yet: a client passes over what it cannot assign, and whoever waits for its
/// acknowledgement would wait in vain. They are sent behind the answer.
/// </summary>
/// <remarks>Threading: any. Bounded by the levels there are to break.</remarks>
internal sealed class HeldBreaks
{
    private readonly Lock _sync = new();
    private List<Action>? _held = [];

    /// <summary>Sends now, or when the breaks are released.</summary>
    public void Send(Action send)
    {
        lock (_sync)
        {
            if (_held is not null)
            {
                _held.Add(send);
                return;
            }
        }

        send();
    }

    /// <summary>A client that comes back does not know the open until it is told: what is sent from now on is held.</summary>
    public void Hold()
    {
        lock (_sync) _held ??= [];
    }

    /// <summary>The client knows the open, or never will: sends what was held, and nothing is held any more.</summary>
    public void Release()
    {
        List<Action>? held;
        lock (_sync) (held, _held) = (_held, null);
        held?.ForEach(send => send());
    }
}
