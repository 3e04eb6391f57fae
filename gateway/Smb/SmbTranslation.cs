using Gateway.FileSystem;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb;

/// <summary>The one place where file system terms become SMB terms.</summary>
internal static class SmbTranslation
{
    extension(FileStatus status)
    {
        public NtStatus ToNtStatus() => status switch
        {
            FileStatus.Ok => NtStatus.Success,
            FileStatus.NotPermitted or FileStatus.AccessDenied => NtStatus.AccessDenied,
            FileStatus.NoEntry => NtStatus.ObjectNameNotFound,
            FileStatus.PathNotFound => NtStatus.ObjectPathNotFound,
            FileStatus.InputOutput => NtStatus.DataError,
            FileStatus.Exists => NtStatus.ObjectNameCollision,
            FileStatus.NotDirectory => NtStatus.NotADirectory,
            FileStatus.IsDirectory => NtStatus.FileIsADirectory,
            FileStatus.InvalidArgument or FileStatus.BadType => NtStatus.InvalidParameter,
            FileStatus.FileTooBig or FileStatus.NoSpace => NtStatus.DiskFull,
            FileStatus.TooManyLinks => NtStatus.TooManyLinks,
            FileStatus.NameTooLong => NtStatus.ObjectNameInvalid,
            FileStatus.NotEmpty => NtStatus.DirectoryNotEmpty,
            FileStatus.Stale or FileStatus.BadHandle => NtStatus.FileDeleted,
            FileStatus.BadCookie => NtStatus.NoMoreFiles,
            FileStatus.Cancelled => NtStatus.Cancelled,

            // A majority is missing but may come back; clients report it and do not take it for a damaged file.
            FileStatus.Unavailable => NtStatus.InsufficientServerResources,
            _ => status.ToNtStatusOfOpen(),
        };

        /// <summary>What only those meet who open a file, or have it open.</summary>
        private NtStatus ToNtStatusOfOpen() => status switch
        {
            FileStatus.Closed => NtStatus.FileClosed,
            FileStatus.SharingViolation => NtStatus.SharingViolation,
            FileStatus.DeletePending => NtStatus.DeletePending,
            FileStatus.CannotDelete => NtStatus.CannotDelete,
            FileStatus.StoppedOnSymbolicLink => NtStatus.StoppedOnSymlink,
            FileStatus.NotAReparsePoint => NtStatus.NotAReparsePoint,
            FileStatus.PrivilegeNotHeld => NtStatus.PrivilegeNotHeld,
            FileStatus.InvalidOwner => NtStatus.InvalidOwner,
            FileStatus.TooManyOpens => NtStatus.TooManyOpenedFiles,
            FileStatus.TooManyStreams or FileStatus.LockLimit => NtStatus.InsufficientResources,
            FileStatus.ExtendedAttributesTooLarge => NtStatus.EaTooLarge,
            FileStatus.LockConflict => NtStatus.FileLockConflict,
            FileStatus.Deadlock => NtStatus.PossibleDeadlock,
            FileStatus.InvalidLockRange => NtStatus.InvalidLockRange,
            FileStatus.RangeNotLocked => NtStatus.RangeNotLocked,
            FileStatus.NotBreaking => NtStatus.Unsuccessful,
            FileStatus.BreakRefused => NtStatus.RequestNotAccepted,
            _ => NtStatus.Unsuccessful,
        };
    }
}
