using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Lab.Faults;

/// <summary>Streams that are no streams of calls, and calls that RPC itself refuses.</summary>
internal static class BadRecords
{
    private const int FragmentsMax = 1024;

    private static readonly byte[] Valid = Call(RpcCredentials.None);

    /// <summary>A call of procedure 0, with its mark.</summary>
    public static byte[] Null => Marked(Valid);

    /// <summary>After these there is nothing to answer to: the connection is closed.</summary>
    public static IEnumerable<TestCaseData> Closed =>
    [
        Case("an empty record", Fragment([], last: true)),
        Case("a mark of all ones", [0xff, 0xff, 0xff, 0xff]),
        Case("a mark beyond the longest record", [0x80, 0x20, 0, 0]),
        Case("a fragment beyond the longest record", [0x7f, 0xff, 0xff, 0xff]),
        Case("a last fragment that makes it too long", [.. Fragment(new byte[1000], last: false), 0x80, 0x11, 0, 0]),
        Case("empty fragments without end", Fragments([])),
        Case("one-byte fragments without end", Fragments([1])),
        Case("a reply", Marked([0, 0, 0, 1, 0, 0, 0, 1, .. new byte[16]])),
        Case("an unknown message type", Marked([.. Valid[..4], 0, 0, 0, 2, .. Valid[8..]])),
        Case("half a word", Marked([1, 2])),
        Case("an xid alone", Marked(Valid[..4])),
        Case("an xid and a type", Marked(Valid[..8])),
        Case("a header that ends before the program", Marked(Valid[..12])),
        Case("a header that ends before the procedure", Marked(Valid[..20])),
        Case("a header that ends before the credentials", Marked(Valid[..24])),
        Case("a header that ends in the credentials", Marked(Valid[..28])),
        Case("a header that ends in the verifier", Marked(Valid[..36])),
        Case("credentials longer than the record", Marked([.. Valid[..28], 0, 0, 1, 0x90, 0, 0, 0, 0])),
        Case("text of another protocol", [.. "GET / HTTP/1.1\r\nHost: nas\r\n\r\n"u8]),
        Case("a TLS greeting", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    ];

    /// <summary>These get MSG_DENIED of RFC 5531 §9, and the connection goes on.</summary>
    public static IEnumerable<TestCaseData> Denied =>
    [
        Denial("RPC version 0", Patched(11, 0), null),
        Denial("RPC version 1", Patched(11, 1), null),
        Denial("RPC version 3", Patched(11, 3), null),
        Denial("RPC version 4278190082", Patched(8, 0xff), null),
        Denial("AUTH_SHORT", Patched(27, 2), RpcAuthStatus.RejectedCredential),
        Denial("AUTH_DH", Patched(27, 3), RpcAuthStatus.RejectedCredential),
        Denial("RPCSEC_GSS", Patched(27, 6), RpcAuthStatus.RejectedCredential),
        Denial("an unknown flavor", Patched(24, 0x77), RpcAuthStatus.RejectedCredential),
        Denial("empty AUTH_SYS", Patched(27, 1), RpcAuthStatus.BadCredential),
        Denial("overlong credentials", Patched(30, 2), RpcAuthStatus.BadCredential),
        Denial("credentials of 4 GiB", Patched(28, 0xff), RpcAuthStatus.BadCredential),
        Denial("an overlong verifier", Patched(38, 2), RpcAuthStatus.BadVerifier),
        Denial("a verifier of 4 GiB", Patched(36, 0xff), RpcAuthStatus.BadVerifier),
        Denial("17 groups", Sys([.. Ids(), 0, 0, 0, 17, .. new byte[68]]), RpcAuthStatus.BadCredential),
        Denial("2^32-1 groups", Sys([.. Ids(), 255, 255, 255, 255]), RpcAuthStatus.BadCredential),
        Denial("groups that are not there", Sys([.. Ids(), 0, 0, 0, 2, 0, 0, 0, 1]), RpcAuthStatus.BadCredential),
        Denial("bytes behind the groups", Sys([.. Ids(), 0, 0, 0, 0, 0, 0, 0, 1]), RpcAuthStatus.BadCredential),
        Denial(
            "a machine name of 256 bytes",
            Sys([0, 0, 0, 0, 0, 0, 1, 0, .. new byte[256], .. new byte[12]]),
            RpcAuthStatus.BadCredential),
        Denial("AUTH_SYS that ends in the name", Sys([0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4]), RpcAuthStatus.BadCredential),
    ];

    public static byte[] Marked(byte[] record) => Fragment(record, last: true);

    private static byte[] Call(RpcCredentials caller)
    {
        var header = new byte[RpcCall.HeaderBytesMin + RpcBounds.AuthBytesMax];
        var length = RpcCall.WriteHeader(header, 7, Nfs3Protocol.Program, Nfs3Protocol.Version, 0, caller);
        return header[..length];
    }

    private static byte[] Fragment(byte[] bytes, bool last)
    {
        var framed = new byte[RecordMark.Bytes + bytes.Length];
        new RecordMark(bytes.Length, last).Write(framed);
        bytes.CopyTo(framed, RecordMark.Bytes);
        return framed;
    }

    private static byte[] Fragments(byte[] content) =>
        [.. Enumerable.Repeat(Fragment(content, last: false), FragmentsMax + 1).SelectMany(bytes => bytes)];

    private static byte[] Patched(int index, byte value)
    {
        var record = Valid.ToArray();
        record[index] = value;
        return record;
    }

    // stamp, an empty machine name, uid 1, gid 1.
    private static byte[] Ids() => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1];

    private static byte[] Sys(byte[] body) =>
        [.. Valid[..24], 0, 0, 0, 1, 0, 0, (byte)(body.Length >> 8), (byte)(body.Length & 0xff), .. body, .. new byte[8]];

    private static TestCaseData Case(string what, byte[] bytes) => new TestCaseData(bytes).SetArgDisplayNames(what);

    private static TestCaseData Denial(string what, byte[] record, RpcAuthStatus? because) =>
        new TestCaseData(record, because).SetArgDisplayNames(what);
}
