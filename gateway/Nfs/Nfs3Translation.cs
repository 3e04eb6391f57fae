using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Protocol.Nfs3;

namespace Gateway.Nfs;

/// <summary>The one place where file system terms become NFS terms and back.</summary>
internal static class Nfs3Translation
{
    extension(FileStatus status)
    {
        public Nfs3Status ToNfs3() => status switch
        {
            FileStatus.Ok => Nfs3Status.Ok,
            FileStatus.NotPermitted => Nfs3Status.NotOwner,
            FileStatus.NoEntry => Nfs3Status.NoEntry,
            FileStatus.InputOutput => Nfs3Status.IO,
            FileStatus.AccessDenied => Nfs3Status.Access,
            FileStatus.Exists => Nfs3Status.Exists,
            FileStatus.NotDirectory => Nfs3Status.NotDirectory,
            FileStatus.IsDirectory => Nfs3Status.IsDirectory,
            FileStatus.InvalidArgument => Nfs3Status.Invalid,
            FileStatus.FileTooBig => Nfs3Status.FileTooBig,
            FileStatus.NoSpace => Nfs3Status.NoSpace,
            FileStatus.TooManyLinks => Nfs3Status.TooManyLinks,
            FileStatus.NameTooLong => Nfs3Status.NameTooLong,
            FileStatus.NotEmpty => Nfs3Status.NotEmpty,
            FileStatus.Stale => Nfs3Status.Stale,
            FileStatus.BadHandle => Nfs3Status.BadHandle,
            FileStatus.GuardMismatch => Nfs3Status.NotSynchronized,
            FileStatus.BadCookie => Nfs3Status.BadCookie,
            FileStatus.BadType => Nfs3Status.BadType,
            _ => status.ToNfs3Unusual(),
        };

        // ISDIR is not among the errors of READ, WRITE and COMMIT (§3.3.6, §3.3.7); INVAL is, for whatever is no file.
        public Nfs3Status ToNfs3OfContent() =>
            status == FileStatus.IsDirectory ? Nfs3Status.Invalid : status.ToNfs3();

        // Both mean "not now": JUKEBOX makes a client wait and retry, where an error would reach the application.
        private Nfs3Status ToNfs3Unusual() => status is FileStatus.Unavailable or FileStatus.LockConflict
            ? Nfs3Status.JukeBox
            : Nfs3Status.ServerFault;
    }

    extension(AdmissionOutcome outcome)
    {
        public Nfs3Status ToNfs3() => outcome switch
        {
            AdmissionOutcome.Ok => Nfs3Status.Ok,
            AdmissionOutcome.BadHandle => Nfs3Status.BadHandle,
            AdmissionOutcome.Stale => Nfs3Status.Stale,
            _ => Nfs3Status.Access,
        };
    }

    extension(Timestamp time)
    {
        // nfstime3 (RFC 1813 §2.6) is unsigned and ends in 2106: times beyond become the nearest that it has. Wrapped, a time of
        // the far future would look like one of the past.
        public Nfs3Time ToNfs3() => time.Seconds switch
        {
            < 0 => default,
            > uint.MaxValue => new(uint.MaxValue, 999_999_999),
            var seconds => new((uint)seconds, time.SubsecondNanoseconds),
        };
    }

    extension(Nfs3Time time)
    {
        public Timestamp ToTimestamp() => new(time.Seconds, time.Nanoseconds);
    }

    extension(in NodeAttributes attributes)
    {
        public Nfs3Attributes ToNfs3() => new()
        {
            Type = (Nfs3FileType)attributes.Type,
            Mode = attributes.Mode,
            LinkCount = attributes.Links,
            UserId = attributes.Uid,
            GroupId = attributes.Gid,
            Size = (ulong)attributes.Size,
            Used = (ulong)attributes.Used,
            Device = new Nfs3Device(attributes.Device.Major, attributes.Device.Minor),
            FileSystemId = attributes.FileSystemId,
            FileId = attributes.Node.Inode,
            AccessTime = attributes.AccessTime.ToNfs3(),
            ModifyTime = attributes.ModifyTime.ToNfs3(),
            ChangeTime = attributes.ChangeTime.ToNfs3(),
        };
    }

    extension(in NodeChange change)
    {
        public Nfs3WccData ToNfs3()
        {
            Nfs3WccAttributes? before = change.Before is { } known
                ? new Nfs3WccAttributes((ulong)known.Size, known.ModifyTime.ToNfs3(), known.ChangeTime.ToNfs3())
                : null;
            return new Nfs3WccData(before, change.After?.ToNfs3());
        }
    }

    extension(in Nfs3SetAttributes wanted)
    {
        /// <summary>What to change; any status but Ok is the answer to attributes that no file can have.</summary>
        public Nfs3Status TryToChanges(out AttributeChanges changes)
        {
            changes = default;
            if (!IsValid(wanted.AccessTime) || !IsValid(wanted.ModifyTime)) return Nfs3Status.Invalid;
            if (wanted.Size > FileSystemLimits.FileBytesMax) return Nfs3Status.FileTooBig;

            changes = new AttributeChanges
            {
                Mode = wanted.Mode,
                Uid = wanted.UserId,
                Gid = wanted.GroupId,
                Size = (long?)wanted.Size,
                AccessTime = ToTimeChange(wanted.AccessTime),
                ModifyTime = ToTimeChange(wanted.ModifyTime),
            };
            return Nfs3Status.Ok;
        }
    }

    extension(HandleSeal seal)
    {
        public Nfs3Handle ToNfs3(NodeId node)
        {
            Span<byte> bytes = stackalloc byte[HandleSeal.HandleBytes];
            seal.Seal(node, bytes);
            return new Nfs3Handle(bytes);
        }
    }

    private static bool IsValid(Nfs3SetTime time) => time.How != Nfs3TimeHow.SetToClientTime || time.Time.IsValid;

    private static TimeChange ToTimeChange(Nfs3SetTime time) => time.How switch
    {
        Nfs3TimeHow.SetToServerTime => TimeChange.ToServerTime,
        Nfs3TimeHow.SetToClientTime => TimeChange.To(time.Time.ToTimestamp()),
        _ => default,
    };
}
