namespace Gateway.Replication.Control.Etcd;

/// <summary>A value as etcd keeps it.</summary>
/// <param name="Key">Whole.</param>
/// <param name="Value">Its text.</param>
/// <param name="ModRevision">When it was last changed.</param>
/// <param name="Lease">With which it goes; 0 for none.</param>
internal readonly record struct EtcdKeyValue(string Key, string Value, long ModRevision, long Lease)
{
    public static EtcdKeyValue Parse(ReadOnlySpan<byte> message)
    {
        var (key, value, revision, lease) = ("", "", 0L, 0L);
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 1) key = reader.Text();
            else if (reader.Field == 3) revision = reader.Number();
            else if (reader.Field == 5) value = reader.Text();
            else if (reader.Field == 6) lease = reader.Number();
        }

        return new EtcdKeyValue(key, value, revision, lease);
    }
}

/// <param name="Revision">Of the whole store when it was read.</param>
/// <param name="Values">What was found.</param>
internal sealed record RangeAnswer(long Revision, IReadOnlyList<EtcdKeyValue> Values)
{
    public static RangeAnswer Parse(ReadOnlySpan<byte> message)
    {
        var revision = 0L;
        var values = new List<EtcdKeyValue>();
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 1) revision = EtcdHeader.ParseRevision(reader.Bytes());
            else if (reader.Field == 2) values.Add(EtcdKeyValue.Parse(reader.Bytes()));
        }

        return new RangeAnswer(revision, values);
    }
}

/// <param name="Succeeded">What was compared was so, and the change is made.</param>
/// <param name="Revision">Of the store after it: that of what was put.</param>
internal readonly record struct TxnAnswer(bool Succeeded, long Revision)
{
    public static TxnAnswer Parse(ReadOnlySpan<byte> message)
    {
        var (succeeded, revision) = (false, 0L);
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 1) revision = EtcdHeader.ParseRevision(reader.Bytes());
            else if (reader.Field == 2) succeeded = reader.Flag();
        }

        return new TxnAnswer(succeeded, revision);
    }
}

/// <summary>The answer to LeaseGrant and LeaseKeepAlive.</summary>
/// <param name="Lease">Its number.</param>
/// <param name="Seconds">How long it lives from the request on; 0 when there is no such lease any more.</param>
internal readonly record struct LeaseAnswer(long Lease, long Seconds)
{
    public static LeaseAnswer Parse(ReadOnlySpan<byte> message)
    {
        var (lease, seconds) = (0L, 0L);
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 2) lease = reader.Number();
            else if (reader.Field == 3) seconds = reader.Number();
        }

        return new LeaseAnswer(lease, seconds);
    }
}

/// <param name="Revision">Of the store when it was sent.</param>
/// <param name="Canceled">The server will send nothing more.</param>
/// <param name="Reason">Why it will not, if it says so.</param>
/// <param name="Changes">What happened.</param>
internal sealed record WatchAnswer(long Revision, bool Canceled, string Reason, IReadOnlyList<EtcdChange> Changes)
{
    public static WatchAnswer Parse(ReadOnlySpan<byte> message)
    {
        var (revision, canceled, compacted, reason) = (0L, false, 0L, "");
        var changes = new List<EtcdChange>();
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 1) revision = EtcdHeader.ParseRevision(reader.Bytes());
            else if (reader.Field == 4) canceled = reader.Flag();
            else if (reader.Field == 5) compacted = reader.Number();
            else if (reader.Field == 6) reason = reader.Text();
            else if (reader.Field == 11) changes.Add(EtcdChange.Parse(reader.Bytes()));
        }

        // What was to be told is compacted away; the server does not always say that it has given up.
        return new WatchAnswer(revision, canceled || compacted != 0, reason, changes);
    }
}

/// <param name="IsDeletion">The key is no more; of the value only the key is given.</param>
/// <param name="Value">As it is now.</param>
internal readonly record struct EtcdChange(bool IsDeletion, EtcdKeyValue Value)
{
    public static EtcdChange Parse(ReadOnlySpan<byte> message)
    {
        var (deletion, value) = (false, default(EtcdKeyValue));
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 1) deletion = reader.Number() == 1;
            else if (reader.Field == 2) value = EtcdKeyValue.Parse(reader.Bytes());
        }

        return new EtcdChange(deletion, value);
    }
}

/// <summary>What every answer begins with.</summary>
internal static class EtcdHeader
{
    /// <summary>The revision of the store.</summary>
    public static long ParseRevision(ReadOnlySpan<byte> message)
    {
        var revision = 0L;
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 3) revision = reader.Number();
        }

        return revision;
    }
}

/// <summary>The answer to Authenticate.</summary>
internal static class AuthenticateAnswer
{
    public static string ParseToken(ReadOnlySpan<byte> message)
    {
        var token = "";
        for (var reader = new ProtoReader(message); reader.MoveNext();)
        {
            if (reader.Field == 2) token = reader.Text();
        }

        return token;
    }
}
