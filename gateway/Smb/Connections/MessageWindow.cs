using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Connections;

/// <summary>
/// Which message ids a client may use next, and the credits that let it: CommandSequenceWindow of MS-SMB2 3.3.1.1 and
/// 3.3.1.2.
/// </summary>
/// <remarks>
/// A credit is the right to use one more id. The ids granted run from the lowest that is unused; the window never reaches
/// further than <see cref="SmbLimits.CreditsMax"/> from there, so a client that leaves one id out gets no more until it uses
/// it. Threading: any.
/// </remarks>
internal sealed class MessageWindow
{
    private const int WordBits = 64;

    private readonly Lock _gate = new();
    private readonly ulong[] _used = new ulong[SmbLimits.CreditsMax / WordBits];
    private ulong _low;
    private int _range = 1;
    private int _granted = 1;

    /// <summary>Credits the client holds.</summary>
    public int Granted
    {
        get
        {
            lock (_gate) return _granted;
        }
    }

    /// <summary>Marks the ids of a request as used; false when one is outside the window or was used before.</summary>
    public bool TryUse(ulong id, int charge)
    {
        lock (_gate)
        {
            if (id < _low || id - _low + (ulong)charge > (ulong)_range || charge > _granted) return false;

            for (var i = 0; i < charge; i++)
            {
                if (IsUsed(id + (ulong)i)) return false;
            }

            for (var i = 0; i < charge; i++) Mark(id + (ulong)i, true);
            _granted -= charge;
            while (_range > 0 && IsUsed(_low))
            {
                Mark(_low, false);
                _low++;
                _range--;
            }

            return true;
        }
    }

    /// <summary>Grants credits for a response; returns how many.</summary>
    /// <param name="charge">What the request cost.</param>
    /// <param name="requested">What it asks for.</param>
    /// <param name="mayGrow">False: the client gets back what it paid, and no more.</param>
    public ushort Grant(int charge, int requested, bool mayGrow)
    {
        lock (_gate)
        {
            var more = mayGrow ? Math.Clamp(requested - 1, 0, SmbLimits.CreditsMax - charge) : 0;

            // The last id belongs to messages that answer no request.
            var left = Math.Min(ulong.MaxValue - 1 - _low, SmbLimits.CreditsMax) - (ulong)_range;
            var granted = (int)Math.Min((ulong)(charge + more), left);
            _granted += granted;
            _range += granted;
            return (ushort)granted;
        }
    }

    /// <summary>Whether a command's response may give more credits than the request cost.</summary>
    public static bool MayGrow(Smb2Command command, NtStatus status) => command switch
    {
        Smb2Command.Negotiate => false,
        Smb2Command.SessionSetup => status == NtStatus.Success,
        _ => true,
    };

    private bool IsUsed(ulong id) => (_used[Word(id)] >> Bit(id) & 1) != 0;

    private void Mark(ulong id, bool used)
    {
        if (used)
            _used[Word(id)] |= 1ul << Bit(id);
        else
            _used[Word(id)] &= ~(1ul << Bit(id));
    }

    private static int Word(ulong id) => (int)(id % SmbLimits.CreditsMax / WordBits);

    private static int Bit(ulong id) => (int)(id % WordBits);
}
