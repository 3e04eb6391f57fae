using System.Net;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab;

/// <summary>The product's SMB port in the network of a lab, for sessions of one user.</summary>
/// <param name="Network">Where it is.</param>
/// <param name="User">Who logs on.</param>
/// <param name="At">The port, where it is not the usual one.</param>
internal sealed record SmbTarget(LabNetwork Network, SmbUser User, int At = SmbTarget.Port)
{
    public const int Port = 445;

    public IPEndPoint Server { get; } = new(IPAddress.Parse(LabNetwork.HostAddress), At);

    /// <summary>A session that is logged on and connected to the share.</summary>
    public SmbSession Open(SmbSessionOptions? options = null, string share = "files") =>
        Network.Enter(() => SmbSession.Open(Server, User.Name, User.Password, share, options));

    /// <summary>
    /// A session in the place of one whose connection was lost: the server ends that one first, if it has not noticed
    /// (MS-SMB2 3.3.5.5.3, PreviousSessionId).
    /// </summary>
    public SmbSession Reopen(SmbSession lost, string share = "files")
    {
        var session = Connect();
        try
        {
            session.Negotiate();
            session.LogOn(User.Name, User.Password, lost.SessionId).Require(NtStatus.Success);
            session.Connect(share).Require(NtStatus.Success);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>A connection, and nothing said yet.</summary>
    public SmbSession Connect(SmbSessionOptions? options = null) => Network.Enter(() => new SmbSession(Server, options));
}
