using System.Net;
using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;

namespace Gateway.Protocol.Tests.Smb2.FileControl;

/// <summary>The inputs and outputs of FSCTLs: both directions, cut short, and damaged.</summary>
[TestFixture]
internal sealed class FileControlTests
{
    private static readonly Guid Client = new("00112233-4455-6677-8899-aabbccddeeff");

    private readonly byte[] _buffer = new byte[512];

    [Test]
    public void ValidateNegotiateGoesRound()
    {
        Smb2Dialect[] dialects = [Smb2Dialect.Smb210, Smb2Dialect.Smb302];
        var input = _buffer[..ValidateNegotiateRequest.Write(
            _buffer, Smb2Capabilities.LargeMtu, Client, Smb2SecurityMode.SigningRequired, dialects)];

        Assert.That(ValidateNegotiateRequest.TryParse(input, out var request), Is.True);
        Assert.That(request.Capabilities, Is.EqualTo(Smb2Capabilities.LargeMtu));
        Assert.That(request.ClientGuid, Is.EqualTo(Client));
        Assert.That(request.SecurityMode, Is.EqualTo(Smb2SecurityMode.SigningRequired));
        Assert.That(request.DialectCount, Is.EqualTo(2));
        Assert.That(new[] { request.Dialect(0), request.Dialect(1) }, Is.EqualTo(dialects));
        Check(input, bytes => ValidateNegotiateRequest.TryParse(bytes, out _));

        var response = new ValidateNegotiateResponse(
            Smb2Capabilities.Leasing, Client, Smb2SecurityMode.SigningEnabled, Smb2Dialect.Smb300);
        var output = new byte[ValidateNegotiateResponse.Bytes];
        response.Write(output);
        Assert.That(ValidateNegotiateResponse.TryParse(output, out var read), Is.True);
        Assert.That(read, Is.EqualTo(response));
        Check(output, bytes => ValidateNegotiateResponse.TryParse(bytes, out _));
    }

    [Test]
    public void NetworkInterfacesGoRound()
    {
        NetworkInterfaceAddress[] interfaces =
        [
            new(2, NetworkInterfaceCapability.ReceiveSideScaling, 10_000_000_000, IPAddress.Parse("192.0.2.7")),
            new(3, NetworkInterfaceCapability.None, 1_000_000_000, IPAddress.Parse("2001:db8::1")),
        ];
        var output = new byte[interfaces.Length * NetworkInterfaceAddress.Bytes];
        interfaces[0].Write(output, last: false);
        interfaces[1].Write(output.AsSpan(NetworkInterfaceAddress.Bytes), last: true);

        ReadOnlySpan<byte> rest = output;
        foreach (var wanted in interfaces)
        {
            Assert.That(NetworkInterfaceAddress.TryTake(ref rest, out var entry), Is.True);
            Assert.That(entry, Is.EqualTo(wanted));
        }

        Assert.That(rest.IsEmpty, Is.True);
        Check(output[NetworkInterfaceAddress.Bytes..], bytes => NetworkInterfaceAddress.TryTake(ref bytes, out _));
    }

    [Test]
    public void PipeWaitGoesRound()
    {
        var name = Encoding.Unicode.GetBytes("srvsvc");
        var input = _buffer[..new PipeWaitRequest { Timeout = 500_000, Name = name }.Write(_buffer)];
        Assert.That(PipeWaitRequest.TryParse(input, out var request), Is.True);
        Assert.That(request.Timeout, Is.EqualTo(500_000));
        Assert.That(request.Name.SequenceEqual(name), Is.True);
        Check(input, bytes => PipeWaitRequest.TryParse(bytes, out _));
    }

    [Test]
    public void ReferralsGoRound()
    {
        var name = Encoding.Unicode.GetBytes(@"\server\share");
        var wanted = new ReferralRequest { MaxReferralLevel = 4, FileName = name };
        var input = _buffer[..wanted.Write(_buffer)];
        Assert.That(ReferralRequest.TryParse(input, out var request), Is.True);
        Assert.That(request.MaxReferralLevel, Is.EqualTo(4));
        Assert.That(request.FileName.SequenceEqual(name), Is.True);
        Check(input, bytes => ReferralRequest.TryParse(bytes, out _));

        input = _buffer[..wanted.WriteExtended(_buffer)];
        Assert.That(ReferralRequest.TryParseExtended(input, out request), Is.True);
        Assert.That(request.FileName.SequenceEqual(name), Is.True);
        Check(input, bytes => ReferralRequest.TryParseExtended(bytes, out _));
    }

    [Test]
    public void CopyChunkGoesRound()
    {
        var key = new byte[CopyChunkRequest.KeyBytes];
        key[3] = 9;
        CopyChunk[] chunks = [new(1, 2, 3), new(ulong.MaxValue, 1UL << 40, 1 << 20)];
        var input = _buffer[..CopyChunkRequest.Write(_buffer, key, chunks)];
        Assert.That(CopyChunkRequest.TryParse(input, out var request), Is.True);
        Assert.That(request.SourceKey.SequenceEqual(key), Is.True);
        Assert.That(request.ToArray(), Is.EqualTo(chunks));
        Check(input, bytes => CopyChunkRequest.TryParse(bytes, out _));

        var output = new byte[CopyChunkResponse.Bytes];
        new CopyChunkResponse(256, 1 << 20, 16 << 20).Write(output);
        Assert.That(CopyChunkResponse.TryParse(output, out var response), Is.True);
        Assert.That(response, Is.EqualTo(new CopyChunkResponse(256, 1 << 20, 16 << 20)));
        Check(output, bytes => CopyChunkResponse.TryParse(bytes, out _));
    }

    [Test]
    public void ResumeKeyIsFound()
    {
        var key = new byte[CopyChunkRequest.KeyBytes];
        key[23] = 1;
        var output = new byte[ResumeKeyResponse.Bytes];
        ResumeKeyResponse.Write(output, key);
        Assert.That(ResumeKeyResponse.TryParse(output, out var read), Is.True);
        Assert.That(read.SequenceEqual(key), Is.True);
        Smb2Message.AssertTruncations(output, bytes => ResumeKeyResponse.TryParse(bytes, out _), 28);
    }

    [Test]
    public void RangesGoRound()
    {
        var output = new byte[FileRange.Bytes];
        new FileRange(4096, long.MaxValue).Write(output);
        Assert.That(FileRange.TryParse(output, out var range), Is.True);
        Assert.That(range, Is.EqualTo(new FileRange(4096, long.MaxValue)));
        Check(output, bytes => FileRange.TryParse(bytes, out _));

        new ZeroRange(-1, 5).Write(output);
        Assert.That(ZeroRange.TryParse(output, out var zero), Is.True);
        Assert.That(zero, Is.EqualTo(new ZeroRange(-1, 5)));
        Check(output, bytes => ZeroRange.TryParse(bytes, out _));

        FileRange[] ranges = [new(0, 1), new(2, 3)];
        var input = _buffer[..TrimRequest.Write(_buffer, ranges)];
        Assert.That(TrimRequest.TryParse(input, out var trim), Is.True);
        Assert.That(trim.ToArray(), Is.EqualTo(ranges));
        Check(input, bytes => TrimRequest.TryParse(bytes, out _));
        Assert.That(TrimRequest.TryParse(new byte[64], out _), Is.False, "no ranges");
    }

    [Test]
    public void DuplicateExtentsGoesRound()
    {
        var wanted = new DuplicateExtents(new FileId(1, 2), 3, 4, 5);
        var input = new byte[DuplicateExtents.Bytes];
        wanted.Write(input);
        Assert.That(DuplicateExtents.TryParse(input, out var request), Is.True);
        Assert.That(request, Is.EqualTo(wanted));
        Check(input, bytes => DuplicateExtents.TryParse(bytes, out _));

        input = new byte[DuplicateExtents.ExtendedBytes];
        wanted.WriteExtended(input);
        Assert.That(DuplicateExtents.TryParseExtended(input, out request), Is.True);
        Assert.That(request, Is.EqualTo(wanted));
        Check(input, bytes => DuplicateExtents.TryParseExtended(bytes, out _));
    }

    [Test]
    public void ObjectIdAndIntegrityGoRound()
    {
        var output = new byte[ObjectIdBuffer.Bytes];
        var wanted = new ObjectIdBuffer(Client, Guid.Empty, Client);
        wanted.Write(output);
        Assert.That(ObjectIdBuffer.TryParse(output, out var buffer), Is.True);
        Assert.That(buffer, Is.EqualTo(wanted));
        Check(output, bytes => ObjectIdBuffer.TryParse(bytes, out _));

        output = new byte[IntegrityInformation.Bytes];
        new IntegrityInformation(4096).Write(output);
        Assert.That(IntegrityInformation.TryParse(output, out var information), Is.True);
        Assert.That(information.ClusterBytes, Is.EqualTo(4096));
        Check(output, bytes => IntegrityInformation.TryParse(bytes, out _));
    }

    [Test]
    public void EmptySnapshotArrayIsItsFinalNul()
    {
        var output = new byte[SnapshotArray.EmptyBytes];
        SnapshotArray.WriteEmpty(output);
        Assert.That(Convert.ToHexString(output), Is.EqualTo("00000000" + "00000000" + "02000000" + "00000000"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void SymbolicLinkGoesRound(bool relative)
    {
        var substitute = Encoding.Unicode.GetBytes(@"..\target");
        var print = Encoding.Unicode.GetBytes("target");
        var output = _buffer[..new SymbolicLinkReparse { SubstituteName = substitute, PrintName = print, IsRelative = relative }.Write(_buffer)];

        Assert.That(ReparseBuffer.TryParse(output, out var buffer), Is.True);
        Assert.That(buffer.Tag, Is.EqualTo(ReparseTag.SymbolicLink));
        Assert.That(SymbolicLinkReparse.TryParse(buffer.Data, out var link), Is.True);
        Assert.That(link.SubstituteName.SequenceEqual(substitute), Is.True);
        Assert.That(link.PrintName.SequenceEqual(print), Is.True);
        Assert.That(link.IsRelative, Is.EqualTo(relative));
        Check(output, bytes => ReparseBuffer.TryParse(bytes, out _));
        Check(output[ReparseBuffer.HeadBytes..], bytes => SymbolicLinkReparse.TryParse(bytes, out _));
    }

    [Test]
    public void NfsNodesGoRound()
    {
        var target = Encoding.Unicode.GetBytes("../there");
        var output = _buffer[..new NfsReparse { Type = NfsReparseType.SymbolicLink, Target = target }.Write(_buffer)];
        Assert.That(ReparseBuffer.TryParse(output, out var buffer), Is.True);
        Assert.That(buffer.Tag, Is.EqualTo(ReparseTag.Nfs));
        Assert.That(NfsReparse.TryParse(buffer.Data, out var node), Is.True);
        Assert.That(node.Target.SequenceEqual(target), Is.True);

        output = _buffer[..new NfsReparse { Type = NfsReparseType.BlockDevice, Major = 8, Minor = 1 }.Write(_buffer)];
        Assert.That(NfsReparse.TryParse(output.AsSpan(ReparseBuffer.HeadBytes), out node), Is.True);
        Assert.That((node.Type, node.Major, node.Minor), Is.EqualTo((NfsReparseType.BlockDevice, 8u, 1u)));
        Check(output[ReparseBuffer.HeadBytes..], bytes => NfsReparse.TryParse(bytes, out _));

        output = _buffer[..new NfsReparse { Type = NfsReparseType.Fifo }.Write(_buffer)];
        Assert.That(NfsReparse.TryParse(output.AsSpan(ReparseBuffer.HeadBytes), out node), Is.True);
        Assert.That(node.Type, Is.EqualTo(NfsReparseType.Fifo));
    }

    private static void Check(byte[] whole, Smb2Message.Parser parse)
    {
        Smb2Message.AssertTruncations(whole, parse, whole.Length);
        Smb2Message.AssertNothingThrows(whole, parse);
    }
}
