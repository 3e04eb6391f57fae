using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;
using static Gateway.Lab.Faults.SmbBadRequest;
using static Gateway.Protocol.Smb2.NtStatus;

namespace Gateway.Lab.Faults;

/// <summary>Bad requests of an authenticated client: cut off, sizes wrong, offsets and counts that lie, handles that are none.</summary>
internal static class SmbBadRequests
{
    private const ulong Max16 = ushort.MaxValue;
    private const ulong Max32 = uint.MaxValue;

    // A file id of nobody.
    private static readonly SmbFileId Nobody = new(0x1234, 0x5678);

    // A right request of each command; the number is the length of its fixed part.
    private static readonly (Smb2Command Command, int Fixed, Func<SmbBadTargets, byte[]> Body)[] Right =
    [
        (Smb2Command.SessionSetup, 24, _ => Bodies.SessionSetup("NTLMSSP\0"u8)),
        (Smb2Command.TreeConnect, 8, _ => Bodies.TreeConnect(@"\\server\files")),
        (Smb2Command.Create, 56, _ => Bodies.Create("bad")),
        (Smb2Command.Close, 24, targets => Bodies.Close(targets.File)),
        (Smb2Command.Flush, 24, targets => Bodies.Flush(targets.File)),
        (Smb2Command.Read, 48, targets => Bodies.Read(targets.File, 0, 100)),
        (Smb2Command.Write, 48, targets => Bodies.Write(targets.File, 0, "content"u8)),
        (Smb2Command.Lock, 48, targets => Bodies.Lock(targets.File, (0UL, 10UL, 0x12u))),
        (Smb2Command.Ioctl, 56, targets => Bodies.Ioctl(0x00140078, targets.File, [])),
        (Smb2Command.QueryDirectory, 32, targets => Bodies.QueryDirectory(targets.Directory, "*")),
        (Smb2Command.ChangeNotify, 32, targets => Bodies.ChangeNotify(targets.Directory, 1)),
        (Smb2Command.QueryInfo, 40, targets => Bodies.QueryInfo(targets.File, 1, 5)),
        (Smb2Command.SetInfo, 32, targets => Bodies.SetInfo(targets.File, 1, 20, new byte[8])),
        (Smb2Command.Echo, 4, _ => Bodies.Empty()),
        (Smb2Command.Logoff, 4, _ => Bodies.Empty()),
        (Smb2Command.TreeDisconnect, 4, _ => Bodies.Empty()),
        (Smb2Command.OplockBreak, 24, targets => Bodies.OplockAcknowledgment(targets.File, 0)),
    ];

    public static IEnumerable<SmbBadRequest> All =>
        [.. Cut(), .. Sizes(), .. Sessions(), .. Creates(), .. Names(), .. Contexts(), .. Content(), .. Controls(), .. Information(), .. Handles(), .. Headers()];

    private static IEnumerable<SmbBadRequest> Cut() =>
        from right in Right
        from length in new[] { 0, 1, right.Fixed / 2, right.Fixed - 2, right.Fixed - 1 }.Distinct()
        select new SmbBadRequest($"cut to {length}", right.Command, targets => right.Body(targets)[..length], InvalidParameter);

    private static IEnumerable<SmbBadRequest> Sizes() =>
        from right in Right
        from size in new[] { 0, 3, right.Fixed - 2, ushort.MaxValue }
        select Field(right.Command, right.Body, "StructureSize", 0, 2, (ulong)size, InvalidParameter);

    private static IEnumerable<SmbBadRequest> Sessions()
    {
        static byte[] Connect(SmbBadTargets targets) => Bodies.TreeConnect(@"\\server\files");
        static byte[] Setup(SmbBadTargets targets) => Bodies.SessionSetup("NTLMSSP\0"u8);
        foreach (var offset in new ulong[] { 1, 63, 71, 500, Max16 })
        {
            yield return Field(Smb2Command.TreeConnect, Connect, "PathOffset", 4, 2, offset, InvalidParameter, BadNetworkName);
            yield return Field(Smb2Command.SessionSetup, Setup, "SecurityBufferOffset", 12, 2, offset, InvalidParameter);
        }

        foreach (var length in new ulong[] { 1, 3, 1000, Max16 })
        {
            yield return Field(Smb2Command.TreeConnect, Connect, "PathLength", 6, 2, length, InvalidParameter, BadNetworkName);
            if (length > 8) yield return Field(Smb2Command.SessionSetup, Setup, "SecurityBufferLength", 14, 2, length, InvalidParameter);
        }

        string[] paths = ["", @"\", @"\\", @"\\server", @"\\server\", @"\\server\files\more", "nul\0nul", new string('\\', 500)];
        foreach (var path in paths)
        {
            var shown = path.Length > 30 ? $"{path.Length} separators" : Uri.EscapeDataString(path);
            yield return new SmbBadRequest($"path {shown}", Smb2Command.TreeConnect, _ => Bodies.TreeConnect(path), InvalidParameter, BadNetworkName);
        }
    }

    private static IEnumerable<SmbBadRequest> Creates()
    {
        static byte[] Body(SmbBadTargets targets) => Bodies.Create("bad");
        static byte[] WithContext(SmbBadTargets targets) => Bodies.Create("bad", contexts: Bodies.CreateContext("MxAc", []));
        foreach (var offset in new ulong[] { 1, 63, 119, Max16 })
            yield return Field(Smb2Command.Create, Body, "NameOffset", 44, 2, offset, InvalidParameter, ObjectNameInvalid);
        foreach (var length in new ulong[] { 3, 7, 1000, Max16 })
            yield return Field(Smb2Command.Create, Body, "NameLength", 46, 2, length, InvalidParameter);
        foreach (var offset in new ulong[] { 1, 63, 500, 0x7FFFFFFF, Max32 })
            yield return Field(Smb2Command.Create, WithContext, "CreateContextsOffset", 48, 4, offset, InvalidParameter);
        foreach (var length in new ulong[] { 1, 8, 15, 1000, 0x7FFFFFFF, Max32 })
            yield return Field(Smb2Command.Create, WithContext, "CreateContextsLength", 52, 4, length, InvalidParameter);
        foreach (var disposition in new ulong[] { 6, 100, Max32 })
            yield return Field(Smb2Command.Create, Body, "CreateDisposition", 36, 4, disposition, InvalidParameter);
        yield return Field(Smb2Command.Create, Body, "ImpersonationLevel", 4, 4, 9, BadImpersonationLevel);
        yield return Field(Smb2Command.Create, Body, "ShareAccess", 32, 4, 0x80000000, InvalidParameter);
        yield return Field(Smb2Command.Create, Body, "CreateOptions", 40, 4, Max32, InvalidParameter, NotSupported);
        yield return Field(Smb2Command.Create, Body, "DesiredAccess", 24, 4, 0, AccessDenied);
        yield return Field(Smb2Command.Create, Body, "FileAttributes", 28, 4, Max32, InvalidParameter);
    }

    private static IEnumerable<SmbBadRequest> Names()
    {
        string[] invalid =
        [
            @"\leading", "star*", "query?", "less<", "more>", "pipe|", "quote\"", "nul\0nul", "a:b:c:d", "a:b:$NONSENSE", @"a\\b", "/leading", "../up",
            "control\u0001", @"..\up", @"a\..\..\b", new string('n', 256), new string('n', 1000), @"a\" + new string('n', 300),
        ];
        foreach (var name in invalid)
        {
            var shown = name.Length > 20 ? $"{name.Length} characters" : Uri.EscapeDataString(name);
            yield return new SmbBadRequest(
                $"name {shown}", Smb2Command.Create, _ => Bodies.Create(name, disposition: 2), InvalidParameter, ObjectNameInvalid,
                ObjectPathSyntaxBad, ObjectPathNotFound, ObjectNameNotFound);
        }
    }

    private static IEnumerable<SmbBadRequest> Contexts()
    {
        foreach (var next in new ulong[] { 1, 4, 8, 16, 1000, 0x7FFFFFF8, Max32 })
        {
            yield return Context($"Next is 0x{next:X}", () =>
                [.. Overwrite(Bodies.CreateContext("MxAc", [], last: false), 0, 4, next), .. Bodies.CreateContext("QFid", [])]);
        }

        foreach (var (field, at) in new[] { ("NameOffset", 4), ("NameLength", 6), ("DataOffset", 10) })
        {
            foreach (var value in new ulong[] { 1, 25, 1000, Max16 })
                yield return Context($"{field} is 0x{value:X}", () => Overwrite(Bodies.CreateContext("ExtA", new byte[8]), at, 2, value));
        }

        foreach (var value in new ulong[] { 9, 1000, Max32 })
            yield return Context($"DataLength is 0x{value:X}", () => Overwrite(Bodies.CreateContext("ExtA", new byte[8]), 12, 4, value));
        foreach (var (name, right) in new[] { ("DHnQ", 16), ("DHnC", 16), ("DH2Q", 32), ("DH2C", 36), ("AlSi", 8), ("TWrp", 8), ("RqLs", 32) })
        {
            foreach (var length in new[] { 1, right - 1 })
                yield return Context($"{name} of {length}", () => Bodies.CreateContext(name, new byte[length]), ObjectNameNotFound);
        }

        yield return Context("SecD is garbage", () => Bodies.CreateContext("SecD", [1, 2, 3, 4, 5]), InvalidSecurityDescriptor);
        yield return Context("SecD leads outside", () =>
            Bodies.CreateContext("SecD", [1, 0, 4, 0x80, .. new byte[12], 0xFF, 0xFF, 0xFF, 0x7F]), InvalidSecurityDescriptor);
        yield return Context("ExtA that never ends", () =>
            Bodies.CreateContext("ExtA", [4, 0, 0, 0, 0, 1, 0, 0, (byte)'a', 0]), EaListInconsistent, InvalidEaName);
        yield return Context("five thousand contexts", () =>
            [.. Enumerable.Range(0, 2000).SelectMany(_ => Bodies.CreateContext("QFid", [], last: false)), .. Bodies.CreateContext("QFid", [])]);
        yield return Context("durable twice", () =>
            [.. Bodies.DurableContext(default, last: false), .. Bodies.CreateContext("DHnC", new byte[16])]);
    }

    private static SmbBadRequest Context(string name, Func<byte[]> contexts, params NtStatus[] more) =>
        new($"context {name}", Smb2Command.Create, _ => Bodies.Create("bad", contexts: contexts()), [InvalidParameter, .. more]);

    private static IEnumerable<SmbBadRequest> Content()
    {
        static byte[] Read(SmbBadTargets targets) => Bodies.Read(targets.File, 0, 100);
        static byte[] Write(SmbBadTargets targets) => Bodies.Write(targets.File, 0, "content"u8);
        static byte[] Lock(SmbBadTargets targets) => Bodies.Lock(targets.File, (0UL, 10UL, 0x12u));
        foreach (var length in new ulong[] { 0x01000000, 0x7FFFFFFF, Max32 })
            yield return Field(Smb2Command.Read, Read, "Length", 4, 4, length, InvalidParameter);
        foreach (var offset in new ulong[] { 0x8000000000000000, ulong.MaxValue, long.MaxValue })
        {
            yield return Field(Smb2Command.Read, Read, "Offset", 8, 8, offset, InvalidParameter, EndOfFile);
            yield return Field(Smb2Command.Write, Write, "Offset", 8, 8, offset, InvalidParameter, DiskFull);
        }

        foreach (var channel in new ulong[] { 1, 2, Max32 })
        {
            yield return Field(Smb2Command.Read, Read, "Channel", 36, 4, channel, InvalidParameter);
            yield return Field(Smb2Command.Write, Write, "Channel", 32, 4, channel, InvalidParameter);
        }

        foreach (var offset in new ulong[] { 1, 63, 111, 500, Max16 })
            yield return Field(Smb2Command.Write, Write, "DataOffset", 2, 2, offset, InvalidParameter);
        foreach (var length in new ulong[] { 8, 1000, 0x7FFFFFFF, Max32 })
            yield return Field(Smb2Command.Write, Write, "Length", 4, 4, length, InvalidParameter);
        foreach (var count in new ulong[] { 0, 2, 1000, Max16 })
            yield return Field(Smb2Command.Lock, Lock, "LockCount", 2, 2, count, InvalidParameter);
        foreach (var flags in new ulong[] { 0, 3, 6, 0x40, Max32 })
            yield return Field(Smb2Command.Lock, Lock, "Flags", 40, 4, flags, InvalidParameter);
        yield return Field(Smb2Command.Lock, Lock, "Length", 32, 8, ulong.MaxValue - 1, InvalidParameter, Success);
        yield return new SmbBadRequest(
            "unlock of what is not locked", Smb2Command.Lock, targets => Bodies.Lock(targets.File, (5UL, 5UL, 4u)), RangeNotLocked);
    }

    private static IEnumerable<SmbBadRequest> Controls()
    {
        static byte[] Body(SmbBadTargets targets) => Bodies.Ioctl(0x00140078, targets.File, new byte[24]);
        foreach (var offset in new ulong[] { 1, 63, 1000, 0x7FFFFFFF, Max32 })
            yield return Field(Smb2Command.Ioctl, Body, "InputOffset", 24, 4, offset, InvalidParameter);
        foreach (var count in new ulong[] { 25, 1000, 0x7FFFFFFF, Max32 })
            yield return Field(Smb2Command.Ioctl, Body, "InputCount", 28, 4, count, InvalidParameter);
        foreach (var most in new ulong[] { 0x01000000, Max32 })
            yield return Field(Smb2Command.Ioctl, Body, "MaxOutputResponse", 44, 4, most, InvalidParameter);
        yield return Field(Smb2Command.Ioctl, Body, "Flags", 48, 4, 0, NotSupported, InvalidParameter);

        // COPYCHUNK, COPYCHUNK_WRITE, SET_ZERO_DATA, QUERY_ALLOCATED_RANGES, SET_REPARSE_POINT, DUPLICATE_EXTENTS, DFS, PIPE_WAIT.
        foreach (var code in new uint[] { 0x001440F2, 0x001480F2, 0x000980C8, 0x000940CF, 0x000900A4, 0x00098344, 0x00060194, 0x00110018 })
        {
            foreach (var length in new[] { 0, 1, 7 })
            {
                yield return new SmbBadRequest(
                    $"control 0x{code:X} of {length}", Smb2Command.Ioctl, targets => Bodies.Ioctl(code, targets.File, new byte[length]),
                    InvalidParameter, BufferTooSmall, NotSupported, InvalidDeviceRequest, NotFound, FsDriverRequired, IoReparseDataInvalid,
                    InfoLengthMismatch, InvalidBufferSize, ObjectNameNotFound);
            }
        }

        foreach (var code in new uint[] { 0, 0x00000001, 0x0009FFFF, 0xFFFFFFFF })
        {
            yield return new SmbBadRequest(
                $"control 0x{code:X}", Smb2Command.Ioctl, targets => Bodies.Ioctl(code, targets.File, []),
                InvalidDeviceRequest, NotSupported, InvalidParameter);
        }

        yield return new SmbBadRequest(
            "copy of 2^32-1 chunks", Smb2Command.Ioctl,
            targets => Bodies.Ioctl(0x001440F2, targets.File, [.. new byte[24], 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]),
            InvalidParameter, ObjectNameNotFound);
        yield return new SmbBadRequest(
            "zeros backwards", Smb2Command.Ioctl,
            targets => Bodies.Ioctl(0x000980C8, targets.File, new MessageWriter().U64(100).U64(10).ToArray()), InvalidParameter);
        yield return new SmbBadRequest(
            "ranges of a negative length", Smb2Command.Ioctl,
            targets => Bodies.Ioctl(0x000940CF, targets.File, new MessageWriter().U64(0).U64(ulong.MaxValue).ToArray()), InvalidParameter);
    }

    private static IEnumerable<SmbBadRequest> Information()
    {
        static byte[] List(SmbBadTargets targets) => Bodies.QueryDirectory(targets.Directory, "*");
        static byte[] Query(SmbBadTargets targets) => Bodies.QueryInfo(targets.File, 1, 5);
        static byte[] Set(SmbBadTargets targets) => Bodies.SetInfo(targets.File, 1, 20, new byte[8]);
        static byte[] Notify(SmbBadTargets targets) => Bodies.ChangeNotify(targets.Directory, 1);
        foreach (var offset in new ulong[] { 1, 63, 1000, Max16 })
            yield return Field(Smb2Command.QueryDirectory, List, "FileNameOffset", 24, 2, offset, InvalidParameter);
        foreach (var length in new ulong[] { 1, 3, 1000, Max16 })
            yield return Field(Smb2Command.QueryDirectory, List, "FileNameLength", 26, 2, length, InvalidParameter, ObjectNameInvalid);
        foreach (var most in new ulong[] { 0x01000000, Max32 })
        {
            yield return Field(Smb2Command.QueryDirectory, List, "OutputBufferLength", 28, 4, most, InvalidParameter);
            yield return Field(Smb2Command.QueryInfo, Query, "OutputBufferLength", 4, 4, most, InvalidParameter);
            yield return Field(Smb2Command.ChangeNotify, Notify, "OutputBufferLength", 4, 4, most, InvalidParameter);
        }

        yield return Field(Smb2Command.QueryDirectory, List, "OutputBufferLength", 28, 4, 1, InfoLengthMismatch, BufferOverflow);
        foreach (var kind in new ulong[] { 0, 9, 99, 255 })
        {
            yield return Field(Smb2Command.QueryDirectory, List, "FileInformationClass", 2, 1, kind, InvalidInfoClass, InvalidParameter);
            yield return Field(Smb2Command.QueryInfo, Query, "FileInfoClass", 3, 1, kind == 9 ? 200 : kind, InvalidInfoClass, NotSupported, InvalidParameter);
            yield return Field(Smb2Command.SetInfo, Set, "FileInfoClass", 3, 1, kind, InvalidInfoClass, NotSupported, InvalidParameter);
            yield return Field(Smb2Command.QueryInfo, Query, "InfoType", 2, 1, kind, InvalidParameter);
            yield return Field(Smb2Command.SetInfo, Set, "InfoType", 2, 1, kind, InvalidParameter);
        }

        foreach (var length in new ulong[] { 100, 0x7FFFFFFF, Max32 })
        {
            yield return Field(Smb2Command.QueryInfo, Query, "InputBufferLength", 12, 4, length, InvalidParameter);
            yield return Field(Smb2Command.SetInfo, Set, "BufferLength", 4, 4, length, InvalidParameter);
        }

        foreach (var offset in new ulong[] { 1, 63, 1000, Max16 })
            yield return Field(Smb2Command.SetInfo, Set, "BufferOffset", 8, 2, offset, InvalidParameter);

        // Basic, Rename, Link, Disposition, Position, Mode, Allocation, EndOfFile, DispositionEx, RenameEx.
        foreach (var kind in new byte[] { 4, 10, 11, 13, 14, 16, 19, 20, 64, 65 })
        {
            yield return new SmbBadRequest(
                $"class {kind} of nothing", Smb2Command.SetInfo, targets => Bodies.SetInfo(targets.File, 1, kind, []),
                InfoLengthMismatch, InvalidParameter, NotSupported, InvalidInfoClass, AccessDenied);
        }

        yield return new SmbBadRequest(
            "rename to a name that is not there", Smb2Command.SetInfo,
            targets => Bodies.SetInfo(targets.File, 1, 10, Overwrite(Bodies.RenameContent("x", false), 16, 4, 1000)),
            InfoLengthMismatch, InvalidParameter, AccessDenied);
        // Extended attributes: entries that lead back, into each other, beyond the end; names and values that are not there.
        foreach (var next in new ulong[] { 1, 4, 7, 100, 0x7FFFFFFC, 0xFFFFFFFC, Max32 })
        {
            yield return new SmbBadRequest(
                $"an extended attribute whose next is at 0x{next:X}", Smb2Command.SetInfo,
                targets => Bodies.SetInfo(targets.File, 1, 15, Overwrite([.. ExtendedAttribute(16), .. ExtendedAttribute(0)], 0, 4, next)),
                EaListInconsistent, InvalidParameter, InvalidEaName, EaCorruptError);
        }

        foreach (var (field, at, bytes, value) in new[] { ("name of 0", 5, 1, 0u), ("name of 255", 5, 1, 255u), ("value of 65535", 6, 2, 0xFFFFu) })
        {
            yield return new SmbBadRequest(
                $"an extended attribute with a {field}", Smb2Command.SetInfo,
                targets => Bodies.SetInfo(targets.File, 1, 15, Overwrite(ExtendedAttribute(0), at, bytes, value)),
                EaListInconsistent, InvalidParameter, InvalidEaName, EaCorruptError);
        }

        yield return new SmbBadRequest(
            "a security descriptor that leads outside", Smb2Command.SetInfo,
            targets => Bodies.SetInfo(targets.File, 3, 0, [1, 0, 4, 0x80, .. new byte[12], 0xFF, 0xFF, 0, 0], 4),
            InvalidSecurityDescriptor, InvalidParameter, AccessDenied, InvalidAcl);
        yield return new SmbBadRequest(
            "notify on a file", Smb2Command.ChangeNotify, targets => Bodies.ChangeNotify(targets.File, 1), InvalidParameter);
        yield return new SmbBadRequest(
            "list a file", Smb2Command.QueryDirectory, targets => Bodies.QueryDirectory(targets.File, "*"), InvalidParameter);
        yield return new SmbBadRequest(
            "read a directory", Smb2Command.Read, targets => Bodies.Read(targets.Directory, 0, 10), InvalidDeviceRequest);
        yield return new SmbBadRequest(
            "write a directory", Smb2Command.Write, targets => Bodies.Write(targets.Directory, 0, "x"u8), InvalidDeviceRequest, AccessDenied);
    }

    // FILE_FULL_EA_INFORMATION (MS-FSCC 2.4.15): "ab" is "xy".
    private static byte[] ExtendedAttribute(uint next) =>
        [.. BitConverter.GetBytes(next), 0, 2, 2, 0, (byte)'a', (byte)'b', 0, (byte)'x', (byte)'y', .. new byte[next == 0 ? 0 : next - 13]];

    private static IEnumerable<SmbBadRequest> Handles()
    {
        var nobody = new SmbBadTargets(Nobody, Nobody);
        foreach (var (command, _, body) in Right)
        {
            if (command is not (Smb2Command.Close or Smb2Command.Flush or Smb2Command.Read or Smb2Command.Write or Smb2Command.Lock
                or Smb2Command.Ioctl or Smb2Command.QueryDirectory or Smb2Command.ChangeNotify or Smb2Command.QueryInfo
                or Smb2Command.SetInfo or Smb2Command.OplockBreak))
            {
                continue;
            }

            yield return new SmbBadRequest("no such file", command, _ => body(nobody), FileClosed);
            yield return new SmbBadRequest(
                "the related file id outside of a chain", command, _ => body(new(SmbFileId.Related, SmbFileId.Related)), FileClosed);
            yield return new SmbBadRequest(
                "half of a file id", command,
                targets => body(new(targets.File with { Persistent = 1 }, targets.Directory with { Persistent = 1 })), FileClosed);
        }

        yield return new SmbBadRequest(
            "a lease of nobody", Smb2Command.OplockBreak, _ => Bodies.LeaseAcknowledgment(new Guid(Encoding.ASCII.GetBytes("nobody's lease!!")), 0),
            ObjectNameNotFound);
    }

    private static IEnumerable<SmbBadRequest> Headers()
    {
        static byte[] Echo(SmbBadTargets targets) => Bodies.Empty();
        foreach (var command in new ushort[] { 0x13, 0x40, ushort.MaxValue })
        {
            yield return new SmbBadRequest($"command 0x{command:X}", (Smb2Command)command, Echo, InvalidParameter, NotSupported);
        }

        yield return Headed("no such tree", Smb2Command.Create, _ => Bodies.Create("x"), 36, 4, 0xABCDEF, NetworkNameDeleted);
        yield return Headed("no such session", Smb2Command.Create, _ => Bodies.Create("x"), 40, 8, 0xABCDEF, UserSessionDeleted) with { IsUnsigned = true };
        yield return Headed("header size 63", Smb2Command.Echo, Echo, 4, 2, 63);
        yield return Headed("header size 0", Smb2Command.Echo, Echo, 4, 2, 0);
        yield return Headed("SMB1 in the middle", Smb2Command.Echo, Echo, 0, 4, 0x424D53FF);
        yield return Headed("no protocol", Smb2Command.Echo, Echo, 0, 4, 0x20202020);
        yield return Headed("a response", Smb2Command.Echo, Echo, 16, 4, 1) with { IsUnsigned = true };
        foreach (var next in new ulong[] { 1, 4, 60, 63, 0x7FFFFFF8, Max32 })
            yield return Headed($"NextCommand is 0x{next:X}", Smb2Command.Echo, Echo, 20, 4, next);
        foreach (var id in new ulong[] { 0, 1, 0x100000, ulong.MaxValue })
            yield return Headed($"message id 0x{id:X}", Smb2Command.Echo, Echo, 24, 8, id);
        yield return Headed("a credit charge of 65535", Smb2Command.Read, targets => Bodies.Read(targets.File, 0, 10), 6, 2, Max16);
        yield return new SmbBadRequest(
            "more than the credit charge pays", Smb2Command.Read, targets => Bodies.Read(targets.File, 0, 1 << 20), InvalidParameter);
        yield return new SmbBadRequest("not signed", Smb2Command.Echo, Echo, AccessDenied) { IsUnsigned = true };
        yield return new SmbBadRequest("a second NEGOTIATE", Smb2Command.Negotiate, _ => Bodies.Negotiate(Bodies.AllDialects, default));
    }

    private static SmbBadRequest Headed(
        string name, Smb2Command command, Func<SmbBadTargets, byte[]> body, int at, int bytes, ulong value, params NtStatus[] allowed) =>
        new(name, command, body, allowed) { Header = header => Overwrite(header, at, bytes, value) };
}
