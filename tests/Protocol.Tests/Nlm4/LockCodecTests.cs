using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Nsm;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Tests.Nlm4;

/// <summary>Every message of NLM and NSM: its bytes, both directions, and what is cut short, too long or damaged.</summary>
[TestFixture]
internal sealed class LockCodecTests
{
    // A lock as Linux sends it: node name "cl1", a short handle, "77@cl1", svid 77, bytes 100 to 149.
    private const string Lock =
        "00000003" + "636C3100" + "00000008" + "0102030405060708" + "00000006" + "373740636C310000"
        + "0000004D" + "0000000000000064" + "0000000000000032";

    private const string Cookie = "00000004" + "AABBCCDD";
    private const string True = "00000001";
    private const string False = "00000000";

    internal static readonly WireCase[] Cases =
    [
        new("TEST", Cookie + True + Lock, (bytes, writer) =>
        {
            var parsed = Nlm4TestArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("LOCK", Cookie + True + False + Lock + False + "00000007", (bytes, writer) =>
        {
            var parsed = Nlm4LockArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("CANCEL", Cookie + True + True + Lock, (bytes, writer) =>
        {
            var parsed = Nlm4CancelArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("UNLOCK", Cookie + Lock, (bytes, writer) =>
        {
            var parsed = Nlm4UnlockArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("result", Cookie + "00000003", (bytes, writer) =>
        {
            var parsed = Nlm4Result.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("TEST granted", Cookie + "00000000", RewriteTestResult),
        new("TEST denied",
            Cookie + "00000001" + True + "0000004D" + "00000002" + "AABB0000" + "0000000000000064" + "0000000000000000",
            RewriteTestResult),
        new("SHARE",
            Cookie + "00000003" + "636C3100" + "00000004" + "01020304" + "00000001" + "41000000" + "00000002" + "00000003" + False,
            (bytes, writer) =>
            {
                var parsed = Nlm4ShareArgs.TryParse(bytes, out var args);
                if (parsed) args.Write(writer);
                return parsed;
            }),
        new("SHARE result", Cookie + "00000000" + "00000009", (bytes, writer) =>
        {
            var parsed = Nlm4ShareResult.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("FREE_ALL", "00000003" + "636C3100" + "00000007", (bytes, writer) =>
        {
            var parsed = Nlm4FreeAllArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("SM_STAT", "00000003" + "636C3100", (bytes, writer) =>
        {
            var parsed = NsmNameArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("SM_MON",
            "00000003" + "636C3100" + "00000001" + "6D000000" + "000186B5" + "00000003" + "00000010" + "000102030405060708090A0B0C0D0E0F",
            (bytes, writer) => RewriteMonitor(bytes, true, writer)),
        new("SM_UNMON",
            "00000003" + "636C3100" + "00000001" + "6D000000" + "000186B5" + "00000003" + "00000010",
            (bytes, writer) => RewriteMonitor(bytes, false, writer)),
        new("SM_UNMON_ALL", "00000001" + "6D000000" + "000186B5" + "00000003" + "00000010", (bytes, writer) =>
        {
            var parsed = NsmCallbackArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("SM_NOTIFY", "00000003" + "636C3100" + "00000009", (bytes, writer) =>
        {
            var parsed = NsmChangeArgs.TryParse(bytes, out var args);
            if (parsed) args.Write(writer);
            return parsed;
        }),
        new("sm_stat_res", "00000001" + "00000009", (bytes, writer) =>
        {
            var parsed = NsmStatusResult.TryParse(bytes, out var result);
            if (parsed) result.Write(writer);
            return parsed;
        }),
        new("sm_stat", "00000009", (bytes, writer) =>
        {
            var parsed = NsmStateResult.TryParse(bytes, out var result);
            if (parsed) result.Write(writer);
            return parsed;
        }),
    ];

    public delegate bool Rewrite(ReadOnlySpan<byte> bytes, XdrWriter writer);

    [TestCaseSource(nameof(Cases))]
    public void Reads_and_writes_the_same_bytes(WireCase wire)
    {
        using var writer = new XdrWriter();
        Assert.That(wire.Rewrite(wire.Bytes, writer));
        Assert.That(Convert.ToHexString(writer.WrittenSpan), Is.EqualTo(wire.Hex));
    }

    [TestCaseSource(nameof(Cases))]
    public void Whatever_is_missing_or_left_over_is_refused(WireCase wire)
    {
        using var writer = new XdrWriter();
        for (var length = 0; length < wire.Bytes.Length; length++)
            Assert.That(wire.Rewrite(wire.Bytes.AsSpan(0, length), writer), Is.False, $"cut at {length}");
        Assert.That(wire.Rewrite([.. wire.Bytes, 0], writer), Is.False);
        Assert.That(wire.Rewrite([.. wire.Bytes, 0, 0, 0, 0, 0, 0, 0, 0], writer), Is.False);
    }

    [TestCaseSource(nameof(Cases))]
    public void A_flipped_bit_is_refused_or_read_as_something_else(WireCase wire)
    {
        var damaged = wire.Bytes.ToArray();
        for (var bit = 0; bit < damaged.Length * 8; bit++)
        {
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            using var writer = new XdrWriter();
            if (wire.Rewrite(damaged, writer))
                Assert.That(writer.Length, Is.EqualTo(damaged.Length), $"bit {bit}");
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Test]
    public void The_fields_of_a_lock()
    {
        Assert.That(Nlm4LockArgs.TryParse(Convert.FromHexString(Cookie + True + False + Lock + False + "00000007"), out var args));
        Assert.That(args.Block);
        Assert.That(args.Exclusive, Is.False);
        Assert.That(args.Reclaim, Is.False);
        Assert.That(args.State, Is.EqualTo(7));
        Assert.That(args.Lock.CallerName.SequenceEqual("cl1"u8));
        Assert.That(args.Lock.OwnerHandle.SequenceEqual("77@cl1"u8));
        Assert.That(args.Lock.Svid, Is.EqualTo(77));
        Assert.That(args.Lock.Offset, Is.EqualTo(100));
        Assert.That(args.Lock.Length, Is.EqualTo(50));
    }

    [Test]
    public void Free_all_with_a_wide_state()
    {
        Assert.That(Nlm4FreeAllArgs.TryParse(Convert.FromHexString("00000003" + "636C3100" + "0000000000000007"), out var args));
        Assert.That(args.State, Is.EqualTo(7));
    }

    [TestCase(1024, true)]
    [TestCase(1025, false)]
    public void Names_are_bounded(int length, bool accepted)
    {
        using var writer = new XdrWriter();
        writer.WriteOpaque(new byte[length]);
        Assert.That(NsmNameArgs.TryParse(writer.WrittenSpan, out _), Is.EqualTo(accepted));
    }

    private static bool RewriteTestResult(ReadOnlySpan<byte> bytes, XdrWriter writer)
    {
        var parsed = Nlm4TestResult.TryParse(bytes, out var result);
        if (parsed) result.Write(writer);
        return parsed;
    }

    private static bool RewriteMonitor(ReadOnlySpan<byte> bytes, bool withPrivate, XdrWriter writer)
    {
        var parsed = NsmMonitorArgs.TryParse(bytes, withPrivate, out var args);
        if (parsed) args.Write(writer);
        return parsed;
    }

    /// <summary>One message: its bytes, and how to read and write it.</summary>
    internal sealed record WireCase(string Name, string Hex, Rewrite Rewrite)
    {
        public byte[] Bytes { get; } = Convert.FromHexString(Hex);

        public override string ToString() => Name;
    }
}
