using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.Protocol.Nlm4;

namespace Gateway.Nfs.Locks;

/// <summary>The one place where file system terms become NLM terms.</summary>
internal static class LockTranslation
{
    extension(FileStatus status)
    {
        public Nlm4Status ToNlm4() => status switch
        {
            FileStatus.Ok => Nlm4Status.Granted,
            FileStatus.LockConflict => Nlm4Status.Denied,
            FileStatus.LockWaiting => Nlm4Status.Blocked,
            FileStatus.Deadlock => Nlm4Status.Deadlock,
            FileStatus.LockLimit or FileStatus.NoSpace => Nlm4Status.DeniedNoLocks,
            FileStatus.Stale or FileStatus.BadHandle => Nlm4Status.StaleHandle,
            FileStatus.FileTooBig => Nlm4Status.FileTooBig,

            // The one answer that makes every client ask again by itself. There is no other grace period.
            FileStatus.Unavailable => Nlm4Status.DeniedGracePeriod,
            _ => Nlm4Status.Failed,
        };
    }

    extension(Nlm4ShareBits bits)
    {
        public ShareAccess ToShareAccess() =>
            ((bits & Nlm4ShareBits.Read) != 0 ? ShareAccess.Read : ShareAccess.None)
            | ((bits & Nlm4ShareBits.Write) != 0 ? ShareAccess.Write : ShareAccess.None);
    }
}
