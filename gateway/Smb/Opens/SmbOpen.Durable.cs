using Gateway.FileSystem.Opens;
using Gateway.Smb.Trees;

namespace Gateway.Smb.Opens;

// The open without its client: what becomes of a durable one, and how the client comes back.
internal sealed partial class SmbOpen
{
    private ITimer? _timer;

    /// <summary>Null unless the open is durable.</summary>
    public DurableGrant? Durable { get; internal set; }

    /// <summary>The application that made the open, whatever client it runs on (MS-SMB2 3.3.5.9.13).</summary>
    public Guid? AppInstanceId { get; internal set; }

    /// <summary>
    /// The lease of a persistent open when its client came back. Others break it from that moment on, which the client hears of
    /// behind the answer: an answer that told of it already would be more than clients understand.
    /// </summary>
    public LeaseView? TakenUp { get; private set; }

    /// <summary>It is a row of the volume.</summary>
    public bool IsPersistent => Durable is { IsPersistent: true };

    /// <summary>The client caches the open itself: only then may the open be, or stay, durable (MS-SMB2 3.3.5.9.6).</summary>
    public static bool CachesHandle(Open file) =>
        file.Oplock == OplockLevel.Batch || (file.Lease is { } lease && (lease.State & LeaseState.Handle) != 0);

    /// <summary>
    /// The session or tree ended: true when the open waits for its client from now on, false when it must be closed.
    /// </summary>
    internal bool TryDetach(TimeProvider time)
    {
        lock (_sync)
        {
            if (_state != State.Connected || Durable is not { } durable || File is not { } file || !(durable.IsPersistent || MayStay(file)))
                return false;

            _state = State.Away;
            _session = null;
            if (durable.IsPersistent)
            {
                // The file system looks after its time, as for those that outlive the server.
                file.Suspend();
                return true;
            }

            _timer = time.CreateTimer(
                static open => _ = ((SmbOpen)open!).ExpireAsync(), this, durable.Timeout, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>The client is back; false when somebody was faster.</summary>
    internal bool TryReattach(TreeConnect tree)
    {
        lock (_sync)
        {
            if (_state != State.Away)
                return false;
            _timer?.Dispose();
            _timer = null;
            _tree = tree;
            _session = tree.Session;
            _state = State.Connected;
            Channels.Restart();
            if (!IsPersistent)
                return true;

            // Whoever waited for what it caches asks for that now; the client hears of it behind the answer.
            _breaks.Hold();
            if (File!.TryResume(this, tree.Session.Token, out var lease))
            {
                TakenUp = lease;
                return true;
            }

            _state = State.Away;
            _session = null;
            return false;
        }
    }

    /// <summary>Forgets a persistent open, which is there for whoever serves the volume next.</summary>
    internal void Abandon()
    {
        if (TryEnd())
            Leave();
    }

    /// <summary>
    /// What goes when its open ends does not wait for anybody: it would seem to be there after all. And a client that is
    /// gone will not answer the break that somebody waits for.
    /// </summary>
    private static bool MayStay(Open file) =>
        !file.DeleteOnClose
            && !file.DeletePending
            && !file.OplockBreaking
            && file.Lease is not { Breaking: true }
            && CachesHandle(file);

    private async Task ExpireAsync()
    {
        if (TryEnd(only: State.Away))
            await TearDownAsync();
    }
}
