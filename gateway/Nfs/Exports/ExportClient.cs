using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Exports;

/// <summary>One rule of an export: for whom it is and as whom they act. Immutable.</summary>
internal sealed class ExportClient
{
    private const int PrivilegedPortMax = 1023;

    private readonly ExportClientOptions _options;
    private readonly AddressRange _range;

    public ExportClient(ExportClientOptions options)
    {
        if (!AddressRange.TryParse(options.Match, out var range))
            throw new ExportException($"'{options.Match}' is no address, no range of addresses and not '*'.");

        _options = options;
        _range = range;
    }

    /// <summary>As in the configuration, for EXPORT.</summary>
    public string Match => _options.Match;

    public bool IsReadOnly => _options.ReadOnly;

    public bool Matches(RpcPeer peer) => _range.Contains(peer.Address);

    public bool AcceptsPort(RpcPeer peer) => !_options.PrivilegedPortsOnly || peer.Port <= PrivilegedPortMax;

    /// <summary>The identity that the file system sees.</summary>
    public Caller ToCaller(RpcCredentials credentials)
    {
        if (!credentials.HasIds || _options.Squash == Squash.All)
            return new Caller(_options.AnonymousUserId, _options.AnonymousGroupId);

        var groups = credentials.Groups.ToArray();
        if (_options.Squash == Squash.None) return new Caller(credentials.UserId, credentials.GroupId, groups);

        for (var i = 0; i < groups.Length; i++) groups[i] = SquashGroup(groups[i]);
        return new Caller(
            credentials.UserId == 0 ? _options.AnonymousUserId : credentials.UserId,
            SquashGroup(credentials.GroupId),
            groups);
    }

    private uint SquashGroup(uint group) => group == 0 ? _options.AnonymousGroupId : group;
}
