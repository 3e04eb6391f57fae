using System.Text;

namespace Gateway.Replication.Control.Etcd;

/// <summary>The requests that are made of etcd, as bytes (etcd v3 API, <c>rpc.proto</c>, whose field names stand beside).</summary>
internal static class EtcdRequests
{
    private const int CompareMod = 2;
    private const int CompareLease = 4;

    public static byte[] Range(string key) => Bytes(KeyOf(key));

    public static byte[] RangeOfPrefix(string prefix) => Bytes(PrefixOf(prefix));

    /// <summary>Puts the value if the key was last changed at the revision; 0: if there is none.</summary>
    public static byte[] PutIfAt(string key, long revision, string value)
    {
        // A value that lives as long as a lease goes on to do so.
        var put = KeyOf(key)
            .Text(2, value)
            .Number(6, revision == 0 ? 0 : 1); // ignore_lease
        return Transaction(RevisionIs(key, revision), Put(put));
    }

    /// <summary>Puts a value that goes with the lease, if there is none.</summary>
    public static byte[] PutIfAbsent(string key, string value, long lease) =>
        Transaction(RevisionIs(key, 0), Put(KeyOf(key).Text(2, value).Number(3, lease)));

    /// <summary>Replaces a value that goes with the lease, if it still does.</summary>
    public static byte[] PutIfLeased(string key, string value, long lease)
    {
        var isLeased = new ProtoWriter().Number(2, CompareLease).Text(3, key).Number(8, lease);
        return Transaction(isLeased, Put(KeyOf(key).Text(2, value).Number(3, lease)));
    }

    public static byte[] DeleteIfAt(string key, long revision) =>
        Transaction(RevisionIs(key, revision), new ProtoWriter().Message(3, KeyOf(key))); // request_delete_range

    /// <summary>Everything that happens under the prefix from the revision on.</summary>
    public static byte[] Watch(string prefix, long fromRevision) =>
        Bytes(new ProtoWriter().Message(1, PrefixOf(prefix).Number(3, fromRevision))); // create_request, start_revision

    public static byte[] LeaseGrant(long seconds) => Bytes(new ProtoWriter().Number(1, seconds)); // TTL

    /// <summary>Of LeaseKeepAlive, and of LeaseRevoke.</summary>
    public static byte[] Lease(long lease) => Bytes(new ProtoWriter().Number(1, lease)); // ID

    public static byte[] Authenticate(string user, string password) =>
        Bytes(new ProtoWriter().Text(1, user).Text(2, password)); // name, password

    private static ProtoWriter KeyOf(string key) => new ProtoWriter().Text(1, key);

    // range_end is the first key after all that begin with the prefix. No UTF-8 ends in 0xff.
    private static ProtoWriter PrefixOf(string prefix)
    {
        var end = Encoding.UTF8.GetBytes(prefix);
        end[^1]++;
        return KeyOf(prefix).Bytes(2, end);
    }

    // Compare: target, key, mod_revision; the result compared with is EQUAL, which is 0.
    private static ProtoWriter RevisionIs(string key, long revision) =>
        new ProtoWriter().Number(2, CompareMod).Text(3, key).Number(6, revision);

    private static ProtoWriter Put(ProtoWriter put) => new ProtoWriter().Message(2, put); // request_put

    private static byte[] Transaction(ProtoWriter compare, ProtoWriter success) =>
        Bytes(new ProtoWriter().Message(1, compare).Message(2, success));

    private static byte[] Bytes(ProtoWriter message) => message.Written.ToArray();
}
