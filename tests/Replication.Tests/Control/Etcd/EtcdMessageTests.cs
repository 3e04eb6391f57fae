using Gateway.Replication.Control.Etcd;

namespace Gateway.Replication.Tests.Control.Etcd;

/// <summary>Requests and answers as they went to and came from etcd 3.4.23.</summary>
public sealed class EtcdMessageTests
{
    private const string Header = "0a1908c5fc9985e7b8948b7710c6f199878cc7bf9eb901";
    private const long Lease = 8702821634219225606;
    private static readonly EtcdKeyValue Alive = new("/t/alive", "{}", 2, Lease);
    private static readonly EtcdKeyValue Value = new("/t/k", "{\"a\":1}", 3, 0);

    private static IEnumerable<TestCaseData> Requests =>
    [
        Request("0805", EtcdRequests.LeaseGrant(5), "grant"),
        Request("0886e4e299abc5a8e378", EtcdRequests.Lease(Lease), "renew"),
        Request(
            "0a0c10021a082f742f616c697665" + "121a12180a082f742f616c69766512027b7d1886e4e299abc5a8e378",
            EtcdRequests.PutIfAbsent("/t/alive", "{}", Lease), "announce"),
        Request("0a0810021a042f742f6b" + "1211120f0a042f742f6b12077b2261223a317d", EtcdRequests.PutIfAt("/t/k", 0, "{\"a\":1}"), "put"),
        Request(
            "0a0a10021a042f742f6b3003" + "121312110a042f742f6b12077b2261223a317d3001",
            EtcdRequests.PutIfAt("/t/k", 3, "{\"a\":1}"), "put over another, whose lease it keeps"),
        Request(
            "0a1210041a042f742f6b" + "4086e4e299abc5a8e378" + "1216" + "12140a042f742f6b12027b7d1886e4e299abc5a8e378",
            EtcdRequests.PutIfLeased("/t/k", "{}", Lease), "update"),
        Request("0a032f742f12032f7430", EtcdRequests.RangeOfPrefix("/t/"), "list"),
        Request("0a022f75", EtcdRequests.Range("/u"), "read"),
        Request("0a0c0a032f742f12032f74301802", EtcdRequests.Watch("/t/", 2), "watch"),
        Request("0a0a10021a042f742f6b3003" + "12081a060a042f742f6b", EtcdRequests.DeleteIfAt("/t/k", 3), "delete"),
        Request("0a0161" + "120162", EtcdRequests.Authenticate("a", "b"), "authenticate"),
    ];

    [TestCaseSource(nameof(Requests))]
    public void Requests_have_these_bytes(string expected, byte[] request) =>
        Assert.That(Convert.ToHexStringLower(request), Is.EqualTo(expected));

    [Test]
    public void A_lease_is_granted_renewed_and_gone()
    {
        Assert.That(LeaseAnswer.Parse(Bytes("180120021086e4e299abc5a8e3781805")), Is.EqualTo(new LeaseAnswer(Lease, 5)));
        Assert.That(LeaseAnswer.Parse(Bytes("180320021086e4e299abc5a8e3781805")), Is.EqualTo(new LeaseAnswer(Lease, 5)));
        Assert.That(LeaseAnswer.Parse(Bytes("180520021086e4e299abc5a8e378")), Is.EqualTo(new LeaseAnswer(Lease, 0)));
    }

    [Test]
    public void A_transaction_succeeds_or_does_not()
    {
        Assert.That(TxnAnswer.Parse(Bytes("18032002" + "10011a0612040a021803")), Is.EqualTo(new TxnAnswer(true, 3)));
        Assert.That(TxnAnswer.Parse(Bytes("18032002")), Is.EqualTo(new TxnAnswer(false, 3)));
    }

    [Test]
    public void A_range_has_values_or_none()
    {
        var found = RangeAnswer.Parse(Bytes(
            "18032002" + "121e0a082f742f616c6976651002180220012a027b7d3086e4e299abc5a8e378"
            + "12150a042f742f6b1003180320012a077b2261223a317d2002"));
        Assert.That(found.Revision, Is.EqualTo(3));
        Assert.That(found.Values, Is.EqualTo(new[] { Alive, Value }));
        Assert.That(RangeAnswer.Parse(Bytes("18032002")).Values, Is.Empty);
    }

    [Test]
    public void A_watch_tells_of_its_beginning_changes_and_its_end()
    {
        Assert.That(WatchAnswer.Parse(Bytes("180320021801")).Changes, Is.Empty);
        var puts = WatchAnswer.Parse(Bytes(
            "18032002" + "5a20121e0a082f742f616c6976651002180220012a027b7d3086e4e299abc5a8e378"
            + "5a1712150a042f742f6b1003180320012a077b2261223a317d"));
        Assert.That((puts.Revision, puts.Canceled), Is.EqualTo((3L, false)));
        Assert.That(puts.Changes, Is.EqualTo(new[] { new EtcdChange(false, Alive), new EtcdChange(false, Value) }));
        var deletion = WatchAnswer.Parse(Bytes("18042002" + "5a0c080112080a042f742f6b1804"));
        Assert.That(deletion.Changes, Is.EqualTo(new[] { new EtcdChange(true, new EtcdKeyValue("/t/k", "", 4, 0)) }));
        Assert.That(
            WatchAnswer.Parse(Convert.FromHexString("0a1708c5fc9985e7b8948b7710c6f199878cc7bf9eb901200220012804")).Canceled, Is.True);
    }

    [Test]
    public void Every_truncation_of_an_answer_is_refused_or_says_less()
    {
        var whole = Bytes("18032002" + "5a20121e0a082f742f616c6976651002180220012a027b7d3086e4e299abc5a8e378");
        int[] betweenFields = [0, 27];
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = whole[..length];
            if (betweenFields.Contains(length)) Assert.That(WatchAnswer.Parse(cut).Changes, Is.Empty);
            else Assert.That(() => WatchAnswer.Parse(cut), Throws.TypeOf<InvalidDataException>(), $"{length} bytes");
        }
    }

    private static TestCaseData Request(string expected, byte[] request, string name) => new(expected, request) { TestName = name };

    private static byte[] Bytes(string afterMember) => Convert.FromHexString(Header + afterMember);
}
