using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Tests.Wire;

[TestFixture]
internal sealed class RpcMessageTests
{
    // A NULL call of the Linux kernel's client: AUTH_NONE, empty verifier.
    private const string NullCall =
        "12345678" + "00000000" + "00000002" + "000186A3" + "00000003" + "00000000" + "0000000000000000" + "0000000000000000";

    // GETATTR with AUTH_SYS: machine "cl1", uid 1000, gid 100, groups 4 and 5; then four bytes of arguments.
    private const string SysCall =
        "00000001" + "00000000" + "00000002" + "000186A3" + "00000003" + "00000001"
        + "00000001" + "00000020" + "00000000" + "00000003" + "636C3100" + "000003E8" + "00000064" + "00000002" + "00000004" + "00000005"
        + "00000000" + "00000000" + "0A0B0C0D";

    [Test]
    public void A_call_without_credentials()
    {
        var fault = RpcCall.Parse(Convert.FromHexString(NullCall), out var call);

        Assert.That(fault, Is.EqualTo(RpcCallFault.None));
        Assert.That(call.Xid, Is.EqualTo(0x12345678));
        Assert.That(call.Program, Is.EqualTo(100003));
        Assert.That(call.Version, Is.EqualTo(3));
        Assert.That(call.Procedure, Is.Zero);
        Assert.That(call.HeaderBytes, Is.EqualTo(40));
        var written = new byte[100];
        var length = RpcCall.WriteHeader(written, 0x12345678, 100003, 3, 0, RpcCredentials.None);
        Assert.That(Convert.ToHexString(written.AsSpan(0, length)), Is.EqualTo(NullCall));
    }

    [Test]
    public void A_call_with_user_and_groups()
    {
        var fault = RpcCall.Parse(Convert.FromHexString(SysCall), out var call);

        Assert.That(fault, Is.EqualTo(RpcCallFault.None));
        Assert.That(call.CredentialFlavor, Is.EqualTo(RpcAuthFlavor.Sys));
        Assert.That(call.HeaderBytes, Is.EqualTo((SysCall.Length / 2) - 4));
        Assert.That(RpcCredentials.TryParseSys(call.Credential, out var credentials));
        Assert.That(credentials.UserId, Is.EqualTo(1000));
        Assert.That(credentials.GroupId, Is.EqualTo(100));
        Assert.That(credentials.Groups.ToArray(), Is.EqualTo(new uint[] { 4, 5 }));
        Assert.That(credentials.MachineName, Is.EqualTo("cl1"));
        var written = new byte[200];
        var length = RpcCall.WriteHeader(written, 1, 100003, 3, 1, credentials);
        Assert.That(Convert.ToHexString(written.AsSpan(0, length)), Is.EqualTo(SysCall[..^8]));
    }

    [Test]
    public void A_header_cut_anywhere_is_never_taken_for_whole()
    {
        var whole = Convert.FromHexString(SysCall);
        for (var length = 0; length < whole.Length - 4; length++)
            Assert.That(RpcCall.Parse(whole.AsSpan(0, length), out _), Is.EqualTo(RpcCallFault.Unanswerable), $"cut at {length}");
    }

    [Test]
    public void A_header_with_a_flipped_bit_never_throws_and_stays_within_the_record()
    {
        var record = Convert.FromHexString(SysCall);
        for (var bit = 0; bit < record.Length * 8; bit++)
        {
            record[bit / 8] ^= (byte)(1 << (bit % 8));
            var fault = RpcCall.Parse(record, out var call);
            if (fault == RpcCallFault.None)
            {
                Assert.That(call.HeaderBytes, Is.InRange(RpcCall.HeaderBytesMin, record.Length));
                _ = RpcCredentials.TryParseSys(call.Credential, out _);
            }

            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [TestCase(0)]
    [TestCase(16)]
    [TestCase(17)]
    public void No_more_than_sixteen_groups(int count)
    {
        var groups = Enumerable.Range(0, count).SelectMany(i => new byte[] { 0, 0, 0, (byte)i }).ToArray();
        byte[] body = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, (byte)count, .. groups];
        Assert.That(RpcCredentials.TryParseSys(body, out _), Is.EqualTo(count <= RpcBounds.GroupsMax));
    }

    [Test]
    public void Overlong_credentials_and_verifiers_can_be_answered()
    {
        var call = Convert.FromHexString(NullCall);
        call[30] = 2;
        Assert.That(RpcCall.Parse(call, out var parsed), Is.EqualTo(RpcCallFault.CredentialOverlong));
        Assert.That(parsed.Xid, Is.EqualTo(0x12345678));
        call = Convert.FromHexString(NullCall);
        call[38] = 2;
        Assert.That(RpcCall.Parse(call, out _), Is.EqualTo(RpcCallFault.VerifierOverlong));
        call = Convert.FromHexString(NullCall);
        call[11] = 3;
        Assert.That(RpcCall.Parse(call, out _), Is.EqualTo(RpcCallFault.RpcVersionMismatch));
        call = Convert.FromHexString(NullCall);
        call[7] = 1;
        Assert.That(RpcCall.Parse(call, out _), Is.EqualTo(RpcCallFault.Unanswerable));
    }

    [Test]
    public void Replies_golden_bytes_and_back()
    {
        var buffer = new byte[RpcReply.HeaderBytesMax];
        Check(buffer.AsSpan(0, RpcReply.WriteAccepted(buffer, 7, RpcAcceptStatus.Success)), "00000007" + "00000001" + "00000000" + "0000000000000000" + "00000000");
        Check(buffer.AsSpan(0, RpcReply.WriteProgramMismatch(buffer, 7, 2, 4)), "00000007" + "00000001" + "00000000" + "0000000000000000" + "00000002" + "00000002" + "00000004");
        Check(buffer.AsSpan(0, RpcReply.WriteRpcMismatch(buffer, 7)), "00000007" + "00000001" + "00000001" + "00000000" + "00000002" + "00000002");
        Check(buffer.AsSpan(0, RpcReply.WriteAuthError(buffer, 7, RpcAuthStatus.TooWeak)), "00000007" + "00000001" + "00000001" + "00000001" + "00000005");

        static void Check(ReadOnlySpan<byte> reply, string hex)
        {
            Assert.That(Convert.ToHexString(reply), Is.EqualTo(hex));
            Assert.That(RpcReplyHeader.TryParse(reply, out var header));
            Assert.That(header.Xid, Is.EqualTo(7));
            for (var length = 0; length < reply.Length; length++)
                Assert.That(RpcReplyHeader.TryParse(reply[..length], out _), Is.False);
        }
    }

    [TestCase(0, true, "80000000")]
    [TestCase(1, false, "00000001")]
    [TestCase(0x7fffffff, true, "FFFFFFFF")]
    public void Record_marks(int bytes, bool last, string hex)
    {
        var header = new byte[4];
        new RecordMark(bytes, last).Write(header);
        Assert.That(Convert.ToHexString(header), Is.EqualTo(hex));
        Assert.That(RecordMark.Read(header), Is.EqualTo(new RecordMark(bytes, last)));
    }
}
