using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Protocol.Tests.Smb2;

/// <summary>The requests of QUERY_DIRECTORY, QUERY_INFO and SET_INFO: golden bytes, both directions, and what is damaged.</summary>
[TestFixture]
internal sealed class QueryCodecTests
{
    private static readonly FileId File = new(0x1122334455667788, 0x99AABBCCDDEEFF00);
    private const string FileHex = "8877665544332211" + "00FFEEDDCCBBAA99";

    private const string QueryDirectoryHex =
        "2100" + "25" + "03" + "04030201" + FileHex + "6000" + "0600" + "00000100" + "2A002E002A00";

    private const string QueryInfoHex =
        "2900" + "01" + "0F" + "00040000" + "6800" + "0000" + "08000000" + "07000000" + "03000000" + FileHex + "0000000002454100";

    private const string SetInfoHex = "2100" + "03" + "00" + "04000000" + "6000" + "0000" + "04000000" + FileHex + "DEADBEEF";

    [Test]
    public void QueryDirectoryIsRead()
    {
        Assert.That(QueryDirectoryRequest.TryParse(Message(QueryDirectoryHex), out var request), Is.True);
        Assert.That(request.InformationClass, Is.EqualTo(FileInformationClass.IdBothDirectory));
        Assert.That(request.Flags, Is.EqualTo(QueryDirectoryFlags.RestartScans | QueryDirectoryFlags.ReturnSingleEntry));
        Assert.That(request.FileIndex, Is.EqualTo(0x01020304));
        Assert.That(request.FileId, Is.EqualTo(File));
        Assert.That(Encoding.Unicode.GetString(request.FileName), Is.EqualTo("*.*"));
        Assert.That(request.OutputBufferLength, Is.EqualTo(65536));
        var target = new byte[256];
        Assert.That(Hex(target, request.Write(target)), Is.EqualTo(QueryDirectoryHex));
    }

    [Test]
    public void QueryInfoIsRead()
    {
        Assert.That(QueryInfoRequest.TryParse(Message(QueryInfoHex), out var request), Is.True);
        Assert.That(request.InfoType, Is.EqualTo(InfoType.File));
        Assert.That((FileInformationClass)request.InfoClass, Is.EqualTo(FileInformationClass.FullEa));
        Assert.That(request.OutputBufferLength, Is.EqualTo(1024));
        Assert.That(request.Input.Length, Is.EqualTo(8));
        Assert.That(request.AdditionalInformation, Is.EqualTo(7));
        Assert.That(request.Flags, Is.EqualTo(QueryInfoFlags.RestartScan | QueryInfoFlags.ReturnSingleEntry));
        Assert.That(request.FileId, Is.EqualTo(File));
        var target = new byte[256];
        Assert.That(Hex(target, request.Write(target)), Is.EqualTo(QueryInfoHex));
    }

    [Test]
    public void SetInfoIsRead()
    {
        Assert.That(SetInfoRequest.TryParse(Message(SetInfoHex), out var request), Is.True);
        Assert.That(request.InfoType, Is.EqualTo(InfoType.Security));
        Assert.That(request.InfoClass, Is.Zero);
        Assert.That(Convert.ToHexString(request.Buffer), Is.EqualTo("DEADBEEF"));
        Assert.That(request.AdditionalInformation, Is.EqualTo(4));
        Assert.That(request.FileId, Is.EqualTo(File));
        var target = new byte[256];
        Assert.That(Hex(target, request.Write(target)), Is.EqualTo(SetInfoHex));
    }

    [Test]
    public void EveryTruncationIsRefused()
    {
        foreach (var hex in new[] { QueryDirectoryHex, QueryInfoHex, SetInfoHex })
        {
            var whole = Message(hex);
            for (var length = 0; length < whole.Length; length++)
                Assert.That(Parses(whole.AsSpan(0, length)), Is.False, $"{hex} cut to {length}");
        }
    }

    [Test]
    public void AnyByteMayBeWrongWithoutHarm()
    {
        foreach (var hex in new[] { QueryDirectoryHex, QueryInfoHex, SetInfoHex })
        {
            var whole = Message(hex);
            for (var index = Smb2Header.Bytes; index < whole.Length; index++)
            {
                foreach (var value in new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFF })
                {
                    var damaged = (byte[])whole.Clone();
                    damaged[index] = value;
                    Assert.That(() => Parses(damaged), Throws.Nothing);
                }
            }
        }
    }

    [TestCase("2100" + "25" + "00" + "00000000" + FileHex + "6000" + "0300" + "00000100" + "2A002E", TestName = "an odd length")]
    [TestCase("2100" + "25" + "00" + "00000000" + FileHex + "5F00" + "0200" + "00000100" + "2A00", TestName = "a pattern inside the body")]
    [TestCase("2100" + "25" + "00" + "00000000" + FileHex + "FFFF" + "FEFF" + "00000100" + "2A00", TestName = "a pattern far behind the end")]
    public void APatternThatCannotBeIsRefused(string hex) =>
        Assert.That(QueryDirectoryRequest.TryParse(Message(hex), out _), Is.False);

    [Test]
    public void AnEmptyPatternMayHaveAnyOffset()
    {
        const string hex = "2100" + "25" + "00" + "00000000" + FileHex + "FFFF" + "0000" + "00000100";
        Assert.That(QueryDirectoryRequest.TryParse(Message(hex), out var request), Is.True);
        Assert.That(request.FileName.Length, Is.Zero);
    }

    [Test]
    public void TheResponseIsItsBuffer()
    {
        var message = new byte[Smb2Header.Bytes + QueryResponse.BodyBytes + 3];
        QueryResponse.WriteHead(message.AsSpan(Smb2Header.Bytes), 3);
        message[^1] = 7;
        Assert.That(Convert.ToHexString(message.AsSpan(Smb2Header.Bytes)), Is.EqualTo("0900" + "4800" + "03000000" + "000007"));
        Assert.That(QueryResponse.TryParse(message, out var buffer), Is.True);
        Assert.That(Convert.ToHexString(buffer), Is.EqualTo("000007"));
        for (var length = 0; length < message.Length; length++)
            Assert.That(QueryResponse.TryParse(message.AsSpan(0, length), out _), Is.False);
    }

    private static byte[] Message(string body) => [.. new byte[Smb2Header.Bytes], .. Convert.FromHexString(body)];

    private static string Hex(byte[] bytes, int length) => Convert.ToHexString(bytes.AsSpan(0, length));

    private static bool Parses(ReadOnlySpan<byte> message) =>
        QueryDirectoryRequest.TryParse(message, out _)
        || QueryInfoRequest.TryParse(message, out _)
        || SetInfoRequest.TryParse(message, out _);
}
