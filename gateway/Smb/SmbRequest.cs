using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;
using Gateway.Smb.Opens;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;

namespace Gateway.Smb;

/// <summary>
/// One message in progress: the element of it that is being carried out, and the response that is being built. Pooled: a
/// handler must not use it after its task has completed.
/// </summary>
/// <remarks>
/// Threading: owned by the handler until its task completes, by the connection otherwise. The elements of a compound are
/// carried out one after the other. CANCEL and the end of the connection may come at any time, on any thread.
/// </remarks>
internal sealed partial class SmbRequest
{
    private Smb2Header _header;

    /// <summary>Of the element; session and tree ids are those of the element before when it is related.</summary>
    public ref readonly Smb2Header Header => ref _header;

    /// <summary>Header and body of this element, without padding behind it. Contiguous memory of the message.</summary>
    public ReadOnlyMemory<byte> Message { get; private set; }

    /// <summary>What is behind the header.</summary>
    public ReadOnlySpan<byte> Body => Message.Span[Smb2Header.Bytes..];

    public SmbConnection Connection { get; private set; } = null!;

    public SmbServer Server => Connection.Server;

    /// <summary>Valid and allowed to do what is asked; null for commands that need no session.</summary>
    public SmbSession Session { get; internal set; } = null!;

    /// <summary>Null for commands that need no tree.</summary>
    public TreeConnect Tree { get; internal set; } = null!;

    /// <summary>Takes the body of the response.</summary>
    public ResponseWriter Response { get; } = new();

    /// <summary>ErrorData of an error response that has some: the reparse data of a symbolic link, a length that is needed.</summary>
    public byte[]? ErrorData { get; set; }

    /// <summary>The body is sent although the status is an error, as the limits of SRV_COPYCHUNK are (MS-SMB2 3.3.4.4).</summary>
    public bool KeepsBody { get; set; }

    public bool IsCompound { get; internal set; }

    /// <summary>Related to the element before.</summary>
    public bool IsRelated => _header.IsRelated;

    public bool IsEncrypted { get; internal set; }

    /// <summary>The file that related elements behind this one mean; a CREATE sets it to what it opened.</summary>
    public FileId? ChainFile { get; set; }

    /// <summary>The file an element names: in a related one, all ones stand for the file of the element before.</summary>
    public FileId ResolveFileId(FileId named) =>
        IsRelated && named.IsAny && ChainFile is { } file ? file : named;

    /// <summary>The open an element names, when it belongs to the session and tree of the request.</summary>
    /// <returns><see cref="NtStatus.FileClosed"/> when there is none.</returns>
    public NtStatus TryGetOpen(FileId named, out SmbOpen open)
    {
        var id = ResolveFileId(named);
        if (!Server.Opens.TryGet(id, Session, Tree, out open!)) return NtStatus.FileClosed;

        ChainFile = id;
        return Use(open);
    }

    /// <summary>The session that the response, and related elements behind this one, belong to.</summary>
    internal void SetSessionId(ulong id) => _header.SessionId = id;

    /// <summary>The tree that the response, and related elements behind this one, belong to.</summary>
    internal void SetTreeId(uint id) => _header.TreeId = id;

    /// <summary>
    /// Whether the request has paid for what it sends or asks for, the larger of both (MS-SMB2 3.3.5.2.5).
    /// </summary>
    public NtStatus CheckCredits(long payloadBytes)
    {
        if (!Connection.IsMultiCredit) return NtStatus.Success;

        var needed = payloadBytes <= 0 ? 1 : (payloadBytes - 1) / SmbLimits.CreditBytes + 1;
        return needed <= Math.Max((int)_header.CreditCharge, 1) ? NtStatus.Success : NtStatus.InvalidParameter;
    }
}
