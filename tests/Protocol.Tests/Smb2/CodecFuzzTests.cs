using System.Buffers.Binary;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Protocol.Tests.Smb2;

/// <summary>Every parser of what clients send takes or refuses any bytes, and what it takes can be walked through to its end.</summary>
public sealed class CodecFuzzTests
{
    private const int Rounds = 40_000;
    private const int BytesMax = 240;

    // Sizes, offsets and counts that lie just beside the right ones.
    private static readonly byte[] Interesting = [0, 0, 0, 1, 2, 4, 7, 8, 16, 24, 32, 0x3F, 0x40, 0x58, 0x68, 0x70, 0x78, 0x7F, 0x80, 0xFF];

    private static IEnumerable<TestCaseData> Parsers =>
    [
        Message("NEGOTIATE", 36, bytes => NegotiateRequest.TryParse(bytes, out var request) && request.BestDialect >= 0),
        Message("SESSION_SETUP", 25, bytes => SessionSetupRequest.TryParse(bytes, out _)),
        Message("TREE_CONNECT", 9, bytes => TreeConnectRequest.TryParse(bytes, out _)),
        Message("CREATE", 57, bytes => CreateRequest.TryParse(bytes, out var request) && request.MessageBytes > 0),
        Message("CLOSE", 24, bytes => CloseRequest.TryParse(bytes, out _)),
        Message("FLUSH", 24, bytes => FlushRequest.TryParse(bytes, out _)),
        Message("READ", 49, bytes => ReadRequest.TryParse(bytes, out _)),
        Message("WRITE", 49, bytes => WriteRequest.TryParse(bytes, out _)),
        Message("LOCK", 48, bytes => LockRequest.TryParse(bytes, out var request) && request.ToArray().Length == request.Count),
        Message("IOCTL", 57, bytes => IoctlRequest.TryParse(bytes, out _)),
        Message("QUERY_DIRECTORY", 33, bytes => QueryDirectoryRequest.TryParse(bytes, out _)),
        Message("CHANGE_NOTIFY", 32, bytes => ChangeNotifyRequest.TryParse(bytes, out _)),
        Message("QUERY_INFO", 41, bytes => QueryInfoRequest.TryParse(bytes, out _)),
        Message("SET_INFO", 33, bytes => SetInfoRequest.TryParse(bytes, out _)),
        Message("OPLOCK_BREAK", 24, bytes => OplockBreak.TryParse(bytes, out _)),
        Message("lease break", 36, bytes => LeaseBreak.TryParse(bytes, out _)),
        Bytes("contexts of CREATE", bytes => CreateContexts.TryParse(bytes, out _)),
        Bytes("contexts of NEGOTIATE", bytes => NegotiateContexts.TryParse(bytes, bytes.Length == 0 ? 0 : bytes[^1] % 5, out _)),
        Bytes("extended attributes", Walk),
        Bytes("names of extended attributes", bytes => GetEaList.TryParse(bytes, out var list) && list.Count == CountOf(list)),
        Bytes("new name", bytes => FileRenameInformation.TryParse(bytes, extended: bytes.Length % 2 == 0, out _)),
        Bytes("copied chunks", bytes => CopyChunkRequest.TryParse(bytes, out var request) && request.ToArray().Length == request.Count),
        Bytes("trimmed ranges", bytes => TrimRequest.TryParse(bytes, out var request) && request.ToArray().Length == request.Count),
        Bytes("reparse data", bytes => ReparseBuffer.TryParse(bytes, out _)),
        Bytes("symbolic link", bytes => SymbolicLinkReparse.TryParse(bytes, out _)),
        Bytes("referral", bytes => ReferralRequest.TryParse(bytes, out _) | ReferralRequest.TryParseExtended(bytes, out _)),
        Bytes("wait for a pipe", bytes => PipeWaitRequest.TryParse(bytes, out _)),
        Bytes("duplicated extents", bytes => DuplicateExtents.TryParse(bytes, out _) | DuplicateExtents.TryParseExtended(bytes, out _)),
        Bytes("validated negotiation", bytes => ValidateNegotiateRequest.TryParse(bytes, out var request) && request.DialectCount >= 0),
        Bytes("query of macOS", bytes => AppleQuery.TryParse(bytes, out _)),
        Bytes("lease", bytes => LeaseContext.TryParse(bytes, out _)),
    ];

    [TestCaseSource(nameof(Parsers))]
    public void Any_bytes_are_taken_or_refused(Smb2Message.Parser parse, int structureSize)
    {
        const int Seed = 11;
        var random = new Random(Seed);
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Any(random, structureSize);
            try
            {
                if (parse(bytes)) taken++;
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {Seed}, round {round}: {Convert.ToHexString(bytes)}: {error}");
            }
        }

        Assert.That(taken, Is.InRange(1, Rounds - 1), "the bytes go deep, and not all are right");
    }

    private static byte[] Any(Random random, int structureSize)
    {
        var bytes = new byte[random.Next(BytesMax)];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = random.Next(8) == 0 ? (byte)random.Next(256) : Interesting[random.Next(Interesting.Length)];
        for (var zeros = random.Next(6); zeros > 0 && bytes.Length > 0; zeros--)
        {
            var from = random.Next(bytes.Length);
            bytes.AsSpan(from, Math.Min(random.Next(12), bytes.Length - from)).Clear();
        }

        if (structureSize > 0 && bytes.Length >= Smb2Header.Bytes + 2)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(Smb2Header.Bytes), (ushort)structureSize);
        return bytes;
    }

    private static bool Walk(ReadOnlySpan<byte> bytes)
    {
        if (!FullEaList.TryParse(bytes, out var list, out _)) return false;

        var count = 0;
        foreach (var entry in list) count++;
        return count == list.Count;
    }

    private static int CountOf(GetEaList list)
    {
        var count = 0;
        foreach (var name in list) count++;
        return count;
    }

    private static TestCaseData Message(string name, int structureSize, Smb2Message.Parser parse) =>
        new TestCaseData(parse, structureSize).SetArgDisplayNames(name);

    private static TestCaseData Bytes(string name, Smb2Message.Parser parse) => new TestCaseData(parse, 0).SetArgDisplayNames(name);
}
