using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Names;

namespace Gateway.Smb.Commands;

/// <summary>A CREATE in progress: what was asked for, read from the message once.</summary>
internal sealed class CreateCall
{
    /// <summary>Bits of CreateOptions that exist (MS-SMB2 2.2.13).</summary>
    private const CreateOptions KnownOptions = (CreateOptions)0x00FFFFFF;

    /// <summary>Bits of DesiredAccess that are no right (MS-SMB2 2.2.13.1).</summary>
    private const uint UndefinedAccess = 0x0CE0FE00;

    /// <summary>Options that no SMB2 server carries out (MS-SMB2 3.3.5.9).</summary>
    private const CreateOptions UnsupportedOptions =
        CreateOptions.CreateTreeConnection | CreateOptions.OpenByFileId | CreateOptions.ReserveOpFilter;

    private readonly Smb2OplockLevel _oplock;
    private readonly ImpersonationLevel _impersonation;
    private readonly NtStatus _pathStatus;

    public CreateCall(SmbRequest request, in CreateRequest asked, CreateContexts contexts)
    {
        Request = request;
        Contexts = contexts;
        _oplock = asked.OplockLevel;
        _impersonation = asked.ImpersonationLevel;
        Access = asked.DesiredAccess;
        Attributes = asked.FileAttributes;
        Share = asked.ShareAccess;
        Disposition = asked.Disposition;
        Options = asked.Options;
        _pathStatus = SmbPath.TryParse(asked.Name, out var path);
        Path = path;
        Caching = ReadCaching();
    }

    public SmbRequest Request { get; }

    public CreateContexts Contexts { get; }

    public uint Access { get; }

    public Smb2FileAttributes Attributes { get; }

    public ShareAccess Share { get; }

    public CreateDisposition Disposition { get; }

    public CreateOptions Options { get; }

    /// <summary>The root when the name was not valid.</summary>
    public SmbPath Path { get; }

    /// <summary>What is asked for in the terms of the dialect and the share.</summary>
    public CachingRequest Caching { get; }

    /// <summary>DH2Q; older dialects do not know it.</summary>
    public DurableRequestV2? DurableV2 => IsSmb3 ? Contexts.DurableRequestV2 : null;

    /// <summary>DH2C; older dialects do not know it.</summary>
    public DurableReconnectV2? ReconnectV2 => IsSmb3 ? Contexts.DurableReconnectV2 : null;

    /// <summary>Bytes that AlSi asks for (MS-SMB2 2.2.13.2.3); 0 when it does not.</summary>
    public long AllocationBytes => (long)Math.Min(Contexts.AllocationSize ?? 0, long.MaxValue);

    public bool IsReconnect => ReconnectV2 is not null || Contexts.DurableReconnect is not null;

    private bool IsSmb3 => Request.Connection.Dialect >= Smb2Dialect.Smb300;

    /// <summary>Contexts about durable opens exclude each other (MS-SMB2 3.3.5.9.6, .7, .10 and .12).</summary>
    public NtStatus CheckContexts()
    {
        var isAnyV2 = DurableV2 is not null || ReconnectV2 is not null;
        var isAnyV1 = Contexts.DurableRequest || Contexts.DurableReconnect is not null;
        return (isAnyV1 && isAnyV2) || (DurableV2 is not null && ReconnectV2 is not null)
            ? NtStatus.InvalidParameter
            : NtStatus.Success;
    }

    /// <summary>What is wrong whatever the name leads to. A reconnect ignores all of these fields.</summary>
    public NtStatus CheckFields()
    {
        if (_pathStatus != NtStatus.Success)
            return _pathStatus;

        // A file system without streams has no names with a colon, not even that of the content.
        if ((!Path.Stream.IsEmpty || Path.NamesData) && !Request.Tree.Share.HasStreams)
            return NtStatus.ObjectNameInvalid;
        if (_impersonation > ImpersonationLevel.Delegate)
            return NtStatus.BadImpersonationLevel;

        // Before the rest, as Windows: wrong rights are worse than wrong attributes.
        if ((Access & UndefinedAccess) != 0)
            return NtStatus.AccessDenied;
        if ((Options & UnsupportedOptions) != 0)
            return NtStatus.NotSupported;
        if (Disposition > CreateDisposition.OverwriteIf
            || (Options & ~KnownOptions) != 0
            || (Share & ~ShareAccess.All) != 0
            || (Attributes & ~Smb2FileAttributes.Known) != 0)
        {
            return NtStatus.InvalidParameter;
        }

        // There is nothing to encrypt a file with; said, because the client would think that it is.
        return (Attributes & Smb2FileAttributes.Encrypted) != 0 && Disposition != CreateDisposition.Open
            ? NtStatus.AccessDenied
            : NtStatus.Success;
    }

    /// <summary>MS-SMB2 3.3.5.9.8 and .11: contexts that the dialect does not know do not exist.</summary>
    private CachingRequest ReadCaching()
    {
        if (!Request.Tree.Share.IsCaching)
            return CachingRequest.None;
        return _oplock switch
        {
            Smb2OplockLevel.LevelII or Smb2OplockLevel.Exclusive or Smb2OplockLevel.Batch =>
                CachingRequest.Oplock((OplockLevel)_oplock),
            Smb2OplockLevel.Lease when Contexts.Lease is { } lease => ReadLease(lease),
            _ => CachingRequest.None,
        };
    }

    private CachingRequest ReadLease(LeaseContext lease)
    {
        var state = (LeaseState)(lease.State & Smb2LeaseState.All);
        if (lease.Key == Guid.Empty || Request.Connection.Dialect < Smb2Dialect.Smb210)
            return CachingRequest.None;
        if (lease.Version == 1)
            return CachingRequest.Lease(lease.Key, state);
        var parent = (lease.Flags & Smb2LeaseFlags.ParentKeySet) != 0 ? lease.ParentKey : (Guid?)null;
        return IsSmb3 ? CachingRequest.LeaseV2(lease.Key, state, parent, lease.Epoch) : CachingRequest.None;
    }
}
