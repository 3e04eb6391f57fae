using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Trees;

/// <summary>TREE_CONNECT and TREE_DISCONNECT (MS-SMB2 3.3.5.7, 3.3.5.8).</summary>
internal static class TreeConnectCommand
{
    private const AccessMask ReadOnlyAccess = AccessMask.ReadData | AccessMask.ReadExtendedAttributes | AccessMask.Execute
        | AccessMask.ReadAttributes | AccessMask.ReadControl | AccessMask.Synchronize;

    public static async ValueTask<NtStatus> ConnectAsync(SmbRequest request)
    {
        var session = request.Session;
        if (!TreeConnectRequest.TryParse(request.Message.Span, out var asked)) return NtStatus.InvalidParameter;
        if (!MayAsk(request)) return NtStatus.AccessDenied;

        var name = ShareNameOf(asked.Path);
        if (name is null || !request.Server.Shares.TryFind(name, out var share)) return NtStatus.BadNetworkName;
        if (session.IsAnonymous && share.Type != ShareType.Pipe) return NtStatus.AccessDenied;
        if (share.EncryptData && session.Encryptor is null) return NtStatus.AccessDenied;

        var root = default(NodeId);
        if (share.Type == ShareType.Disk)
        {
            var (status, found) = await share.FindRootAsync(request.Aborted);
            if (status != NtStatus.Success) return status;
            root = found;
        }

        var tree = session.Trees.Add(
            id => new TreeConnect(id, share, session, root)
            {
                MaximalAccess = share.IsReadOnly ? ReadOnlyAccess : AccessMask.FileAll,
            },
            request.Server.Limits.TreesOfSessionMax);
        if (tree is null) return NtStatus.InsufficientResources;

        // The end of the session may have come between: it did not see the tree.
        if (session.State != SmbSessionState.Valid) session.Trees.TryRemove(tree);

        // And so may the end of the share.
        if (!request.Server.Shares.Has(share))
        {
            session.Trees.TryRemove(tree);
            tree.Disconnect();
            return NtStatus.BadNetworkName;
        }

        request.SetTreeId(tree.Id);
        new TreeConnectResponse(
            (byte)share.Type,
            FlagsOf(share),
            CapabilitiesOf(share, request.Connection.Dialect),
            (uint)tree.MaximalAccess).Write(request.Response.Reserve(TreeConnectResponse.BodyBytes));
        return NtStatus.Success;
    }

    public static async ValueTask<NtStatus> DisconnectAsync(SmbRequest request)
    {
        var tree = request.Tree;
        if (!request.Session.Trees.TryRemove(tree)) return NtStatus.NetworkNameDeleted;

        tree.Disconnect();
        await request.Server.Opens.EndAsync(tree);
        EmptyMessage.Write(request.Response.Reserve(EmptyMessage.BodyBytes));
        return NtStatus.Success;
    }

    // 3.1.1 vouches for the whole negotiation with the first request that is signed or sealed: this one (3.3.5.7).
    private static bool MayAsk(SmbRequest request)
    {
        if (request.Connection.Dialect != Smb2Dialect.Smb311
            || request.Session.IsAnonymous
            || request.IsEncrypted
            || request.IsElementSigned)
        {
            return true;
        }

        request.IsDropped = true;
        request.Server.ReportRefusal(request.Connection, SmbRefusal.Unsigned);
        request.Connection.Violate("a TREE_CONNECT of SMB 3.1.1 that is not signed");
        return false;
    }

    private static ShareFlags FlagsOf(Share share)
    {
        var flags = share.EncryptData ? ShareFlags.EncryptData : ShareFlags.None;
        return share.IsAccessBased ? flags | ShareFlags.AccessBasedDirectoryEnumeration : flags;
    }

    private static ShareCapabilities CapabilitiesOf(Share share, Smb2Dialect dialect) =>
        share.IsContinuous && dialect.IsSmb3 ? ShareCapabilities.ContinuousAvailability : ShareCapabilities.None;

    // \\server\share, in UTF-16.
    private static string? ShareNameOf(ReadOnlySpan<byte> path)
    {
        var text = Encoding.Unicode.GetString(path);
        var last = text.LastIndexOf('\\');
        var name = text[(last + 1)..];
        return name.Length == 0 || name.Contains('\0', StringComparison.Ordinal) ? null : name;
    }
}
