namespace Gateway.Smb.Opens;

/// <summary>
/// Which LOCK requests of an open were carried out last, so that those sent again are not carried out twice (MS-SMB2
/// 3.3.1.10, LockSequenceArray).
/// </summary>
/// <remarks>Threading: any.</remarks>
internal sealed class LockSequences
{
    private const int Indexes = 64;

    private readonly Lock _gate = new();
    private byte[]? _last;

    /// <summary>
    /// True when the request with this number was the last one of its index to be carried out. If not, none counts as
    /// carried out until <see cref="Complete"/>.
    /// </summary>
    public bool IsReplay(uint index, byte number)
    {
        lock (_gate)
        {
            if (_last is null || index is 0 or > Indexes) return false;
            ref var last = ref _last[index - 1];
            if (last == Stored(number)) return true;

            last = 0;
            return false;
        }
    }

    /// <summary>The request with this number was carried out.</summary>
    public void Complete(uint index, byte number)
    {
        if (index is 0 or > Indexes) return;

        lock (_gate)
        {
            _last ??= new byte[Indexes];
            _last[index - 1] = Stored(number);
        }
    }

    /// <summary>Zero means none.</summary>
    private static byte Stored(byte number) => (byte)(number + 1);
}
