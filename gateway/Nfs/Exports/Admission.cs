using Gateway.FileSystem;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Exports;

/// <summary>
/// What one caller of one connection may do in one volume, or why nothing. Immutable; remembered by the connection.
/// </summary>
internal sealed class Admission
{
    private readonly VolumeExports? _rules;

    public Admission(VolumeExports rules, RpcCredentials credentials, Caller caller, bool isReadOnly)
    {
        _rules = rules;
        Credentials = credentials;
        Caller = caller;
        IsReadOnly = isReadOnly;
    }

    private Admission(AdmissionOutcome outcome)
    {
        Outcome = outcome;
        Credentials = RpcCredentials.None;
        IsReadOnly = true;
    }

    public static Admission BadHandle { get; } = new(AdmissionOutcome.BadHandle);

    public static Admission Stale { get; } = new(AdmissionOutcome.Stale);

    public static Admission Refused { get; } = new(AdmissionOutcome.Refused);

    public AdmissionOutcome Outcome { get; }

    public bool IsAdmitted => _rules is not null;

    /// <summary>The volume's files; only for who is admitted.</summary>
    public FileTree Tree => _rules?.Tree ?? throw new InvalidOperationException("Not admitted.");

    public RpcCredentials Credentials { get; }

    /// <summary>The caller after squashing.</summary>
    public Caller Caller { get; }

    public bool IsReadOnly { get; }

    /// <summary>Whether these rules said so, for these credentials; later ones may say something else.</summary>
    public bool IsBy(VolumeExports rules, RpcCredentials credentials) =>
        ReferenceEquals(_rules, rules) && ReferenceEquals(Credentials, credentials);

    /// <summary>Attributes for the answer to a refused request; null when there are none to be had.</summary>
    public async ValueTask<NodeAttributes?> AttributesAsync(NodeId node)
    {
        if (_rules is null) return null;

        var found = await _rules.Tree.GetAttributesAsync(node);
        return found.Status == FileStatus.Ok ? found.Attributes : null;
    }
}

/// <summary>Whether a request may go on to the node its handle names.</summary>
internal enum AdmissionOutcome
{
    Ok,

    /// <summary>Not a handle that this server made.</summary>
    BadHandle,

    /// <summary>A handle of a volume that is not here.</summary>
    Stale,

    /// <summary>No export of the volume lets this client in.</summary>
    Refused,
}
