using System.Buffers.Binary;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Nsm;
using Gateway.Protocol.Wire;

namespace Gateway.NfsClient;

/// <summary>The table of bad requests: what is sent, and what RFC 5531, RFC 1813 or XNFS answers.</summary>
public static class BadRequests
{
    public static IEnumerable<BadRequest> OfFiles =>
    [
        .. Malformed(), .. Handles(), .. Names(), .. OverlongNames(), .. Discriminants(), .. Programs(), .. Mounts(),
    ];

    public static IEnumerable<BadRequest> OfLocks => LockCalls();

    public static IEnumerable<BadRequest> All => [.. OfFiles, .. OfLocks];

    private static IEnumerable<BadRequest> Malformed()
    {
        (string, Func<byte[], byte[]>)[] spoils =
        [
            ("nothing at all", _ => []),
            ("a word too little", valid => valid[..^4]),
            ("a byte too little", valid => valid[..^1]),
            ("a word too much", valid => [.. valid, 0, 0, 0, 0]),
            ("a handle of 65 bytes", valid => [0, 0, 0, 65, .. new byte[68], .. valid[52..]]),
            ("a handle of 4 GiB", valid => [255, 255, 255, 255, .. valid[4..]]),
        ];
        return from procedure in ValidRequests.Procedures
               from spoil in spoils
               select Garbage(procedure, spoil.Item1, at => spoil.Item2(ValidRequests.Of(procedure, Bytes(at.Root))));
    }

    private static IEnumerable<BadRequest> Handles()
    {
        (string, Func<byte[], byte[]>, Nfs3Status)[] forgeries =
        [
            ("empty handle", _ => [], Nfs3Status.BadHandle),
            ("short handle", valid => valid[..^1], Nfs3Status.BadHandle),
            ("long handle", valid => [.. valid, .. new byte[16]], Nfs3Status.BadHandle),
            ("handle of zeros", valid => new byte[valid.Length], Nfs3Status.BadHandle),
            ("handle of another version", valid => Flip(valid, 0), Nfs3Status.BadHandle),
            ("handle of another inode", valid => Flip(valid, 20), Nfs3Status.BadHandle),
            ("handle of another generation", valid => Flip(valid, 28), Nfs3Status.BadHandle),
            ("handle with another seal", valid => Flip(valid, 47), Nfs3Status.BadHandle),
            ("handle of another volume", valid => Flip(valid, 5), Nfs3Status.Stale),
        ];
        return from procedure in ValidRequests.Procedures
               from forgery in forgeries
               select Refused(
                   procedure,
                   forgery.Item1,
                   at => ValidRequests.Of(procedure, forgery.Item2(Bytes(at.Root))),
                   forgery.Item3);
    }

    private static IEnumerable<BadRequest> Names()
    {
        (string, byte[], Nfs3Status)[] names =
        [
            ("empty name", [], Nfs3Status.Invalid),
            ("name with a slash", [.. "a/b"u8], Nfs3Status.Invalid),
            ("name that is a slash", [.. "/"u8], Nfs3Status.Invalid),
            ("name with a NUL", [.. "a\0b"u8], Nfs3Status.Invalid),
            ("name of 256 bytes", Long(256), Nfs3Status.NameTooLong),
            ("name of 4096 bytes", Long(4096), Nfs3Status.NameTooLong),
        ];
        return from procedure in ValidRequests.Named
               from name in names
               select Refused(procedure, name.Item1, at => WithName(procedure, at, name.Item2), name.Item3);
    }

    // LINK is asked for a file: of a directory it would be refused for that reason.
    private static byte[] WithName(Nfs3Procedure procedure, BadRequestTargets at, byte[] name) =>
        procedure == Nfs3Procedure.Link
            ? ValidRequests.Encode(writer => new LinkArgs
            {
                Handle = at.File.Span,
                Link = new DirOpArgs { Directory = Bytes(at.Root), Name = name },
            }.Write(writer))
            : ValidRequests.Of(procedure, Bytes(at.Root), name);

    private static IEnumerable<BadRequest> OverlongNames() =>
        from procedure in ValidRequests.Named
        select Garbage(
            procedure,
            "a name longer than any parser takes",
            at => ValidRequests.Of(procedure, Bytes(at.Root), Long(4097)));

    private static IEnumerable<BadRequest> Discriminants() =>
    [
        Word(Nfs3Procedure.SetAttr, 52, 2, "set_mode is neither true nor false"),
        Word(Nfs3Procedure.SetAttr, 60, 2, "set_uid is neither"),
        Word(Nfs3Procedure.SetAttr, 64, 7, "set_gid is neither"),
        Word(Nfs3Procedure.SetAttr, 68, 9, "set_size is neither"),
        Word(Nfs3Procedure.SetAttr, 72, 3, "time_how of atime"),
        Word(Nfs3Procedure.SetAttr, 76, uint.MaxValue, "time_how of mtime"),
        Word(Nfs3Procedure.SetAttr, 80, 2, "guard is neither true nor false"),
        Word(Nfs3Procedure.Create, 60, 3, "createmode3 3"),
        Word(Nfs3Procedure.Create, 60, uint.MaxValue, "createmode3 4294967295"),
        Word(Nfs3Procedure.Create, 64, 2, "set_mode is neither true nor false"),
        Word(Nfs3Procedure.MkDir, 60, 2, "set_mode is neither true nor false"),
        Word(Nfs3Procedure.SymLink, 76, 3, "time_how of atime"),
        Word(Nfs3Procedure.SymLink, 84, 0xFFFFFFFC, "content of 4 GiB"),
        Word(Nfs3Procedure.MkNod, 64, 2, "set_mode is neither true nor false"),
        Word(Nfs3Procedure.Write, 64, 3, "stable_how 3"),
        Word(Nfs3Procedure.Write, 60, 2, "count is less than the content"),
        Word(Nfs3Procedure.Write, 60, 4, "count is more than the content"),
        Word(Nfs3Procedure.Write, 68, 2, "content is less than the count"),
        Word(Nfs3Procedure.Write, 68, 0x00100001, "content of more than 1 MiB that is not there"),
        Word(Nfs3Procedure.Write, 68, uint.MaxValue, "content of 4 GiB"),
    ];

    private static IEnumerable<BadRequest> Programs() =>
    [
        Unknown(Nfs3Protocol.Program, 3, 22, RpcAcceptStatus.ProcedureUnavailable),
        Unknown(Nfs3Protocol.Program, 3, uint.MaxValue, RpcAcceptStatus.ProcedureUnavailable),
        Unknown(Nfs3Protocol.Program, 2, 1, RpcAcceptStatus.ProgramMismatch),
        Unknown(Nfs3Protocol.Program, 4, 1, RpcAcceptStatus.ProgramMismatch),
        Unknown(Nfs3Protocol.Program, uint.MaxValue, 1, RpcAcceptStatus.ProgramMismatch),
        Unknown(MountProtocol.Program, 3, 6, RpcAcceptStatus.ProcedureUnavailable),
        Unknown(MountProtocol.Program, 1, 7, RpcAcceptStatus.ProcedureUnavailable),
        Unknown(MountProtocol.Program, 4, 1, RpcAcceptStatus.ProgramMismatch),
        Unknown(MountProtocol.Program, 0, 1, RpcAcceptStatus.ProgramMismatch),
        Unknown(100227, 3, 1, RpcAcceptStatus.ProgramUnavailable),
        Unknown(0, 0, 0, RpcAcceptStatus.ProgramUnavailable),
    ];

    private static IEnumerable<BadRequest> Mounts()
    {
        (string, byte[])[] paths =
        [
            ("nothing", []),
            ("a path of 1025 bytes", [0, 0, 4, 1, .. new byte[1028]]),
            ("a path of 4 GiB", [255, 255, 255, 255, 0, 0, 0, 0]),
            ("a path that is not there", [0, 0, 0, 9, (byte)'/']),
            ("something behind the path", [0, 0, 0, 1, (byte)'/', 0, 0, 0, 1, 2, 3, 4]),
        ];
        foreach (var version in new uint[] { 1, 3 })
        {
            foreach (var (what, arguments) in paths)
            {
                yield return Mount(version, MountProcedure.Mnt, what, arguments);
                yield return Mount(version, MountProcedure.Umnt, what, arguments);
            }

            foreach (var procedure in new[] { MountProcedure.Dump, MountProcedure.UmntAll, MountProcedure.Export })
                yield return Mount(version, procedure, "arguments", [0, 0, 0, 0]);
        }
    }

    private static IEnumerable<BadRequest> LockCalls()
    {
        Nlm4Procedure[] procedures =
        [
            Nlm4Procedure.Test, Nlm4Procedure.Lock, Nlm4Procedure.Cancel, Nlm4Procedure.Unlock,
            Nlm4Procedure.TestMessage, Nlm4Procedure.LockMessage, Nlm4Procedure.CancelMessage,
            Nlm4Procedure.UnlockMessage, Nlm4Procedure.GrantedResult, Nlm4Procedure.Share, Nlm4Procedure.Unshare,
            Nlm4Procedure.UnmonitoredLock, Nlm4Procedure.FreeAll,
        ];
        foreach (var procedure in procedures)
        {
            yield return Lock(procedure, "nothing", []);
            yield return Lock(procedure, "a cookie of 4 GiB", [255, 255, 255, 255, 0, 0, 0, 0]);
            yield return Lock(procedure, "a cookie of 1026 bytes", [0, 0, 4, 2, .. new byte[1028]]);
            yield return Lock(procedure, "a cookie that is not there", [0, 0, 0, 8, 1, 2, 3, 4]);
        }

        foreach (var procedure in new uint[] { 1, 2, 3, 4, 6 })
        {
            yield return new BadRequest(
                $"NSM {procedure}: a name that is not there",
                NsmProtocol.Program,
                NsmProtocol.Version,
                procedure,
                _ => [0, 0, 0, 9, 1],
                RpcAcceptStatus.GarbageArguments);
        }
    }

    private static BadRequest Garbage(Nfs3Procedure procedure, string what, Func<BadRequestTargets, byte[]> arguments) =>
        Nfs(procedure, what, arguments, RpcAcceptStatus.GarbageArguments, null);

    private static BadRequest Refused(
        Nfs3Procedure procedure, string what, Func<BadRequestTargets, byte[]> arguments, Nfs3Status status) =>
        Nfs(procedure, what, arguments, RpcAcceptStatus.Success, status);

    private static BadRequest Nfs(
        Nfs3Procedure procedure,
        string what,
        Func<BadRequestTargets, byte[]> arguments,
        RpcAcceptStatus accepted,
        Nfs3Status? status) =>
        new($"{procedure}: {what}", Nfs3Protocol.Program, 3, (uint)procedure, arguments, accepted, status);

    private static BadRequest Word(Nfs3Procedure procedure, int offset, uint value, string what) =>
        Garbage(procedure, $"{what} (byte {offset})", at =>
        {
            var arguments = ValidRequests.Of(procedure, Bytes(at.Root));
            BinaryPrimitives.WriteUInt32BigEndian(arguments.AsSpan(offset), value);
            return arguments;
        });

    private static BadRequest Unknown(uint program, uint version, uint procedure, RpcAcceptStatus answer) =>
        new($"program {program} version {version} procedure {procedure}", program, version, procedure, _ => [], answer);

    private static BadRequest Mount(uint version, MountProcedure procedure, string what, byte[] arguments) =>
        new(
            $"MOUNT v{version} {procedure}: {what}",
            MountProtocol.Program,
            version,
            (uint)procedure,
            _ => arguments,
            RpcAcceptStatus.GarbageArguments);

    private static BadRequest Lock(Nlm4Procedure procedure, string what, byte[] arguments) =>
        new(
            $"NLM {procedure}: {what}",
            Nlm4Protocol.Program,
            Nlm4Protocol.Version,
            (uint)procedure,
            _ => arguments,
            RpcAcceptStatus.GarbageArguments);

    private static byte[] Bytes(Nfs3Handle handle) => handle.Span.ToArray();

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 0x40;
        return bytes;
    }

    private static byte[] Long(int length)
    {
        var name = new byte[length];
        name.AsSpan().Fill((byte)'x');
        return name;
    }
}
