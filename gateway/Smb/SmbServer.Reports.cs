using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;
using Gateway.Telemetry;

namespace Gateway.Smb;

// What is counted and logged.
internal sealed partial class SmbServer
{
    public bool IsOver(long since, long now, TimeSpan limit) => since != 0 && Time.GetElapsedTime(since, now) > limit;

    public void ReportOpened(SmbConnection connection)
    {
        Metrics.SmbConnectionOpened();
        Logger.SmbConnectionOpened(connection.Id, connection.Remote);
    }

    public void ReportEnded(SmbConnection connection)
    {
        Metrics.SmbConnectionClosed();
        Logger.SmbConnectionEnded(connection.Id);
    }

    public void ReportViolation(SmbConnection connection, string reason)
    {
        Metrics.SmbViolation();
        Logger.SmbViolation(connection.Id, connection.Remote, reason);
    }

    public void ReportStall(SmbConnection connection, string reason) =>
        Logger.SmbConnectionStalled(connection.Id, connection.Remote, reason);

    public void ReportFailure(SmbRequest request, Exception error) => Logger.SmbCommandFailed(error, request.Header.Command);

    public void ReportFault(SmbConnection connection, Exception error) => Logger.SmbConnectionFailed(error, connection.Id);

    /// <summary>Counted each time; logged once for a connection and cause, as a peer that forges must not fill the log.</summary>
    public void ReportRefusal(SmbConnection connection, SmbRefusal cause)
    {
        Metrics.SmbRefused(cause);
        if (connection.IsFirst(cause)) Logger.SmbRefused(connection.Id, connection.Remote.Address, cause);
    }

    public void ReportEnd(SmbRequest request, NtStatus status)
    {
        if (status.IsError && status != NtStatus.MoreProcessingRequired) Metrics.SmbFailure(request.Header.Command);
        Logger.SmbAnswered(request.Connection.Id, request.Header.MessageId, request.Header.Command, status);
        if (request.StartedTimestamp == 0) return;

        Metrics.SmbAnswered(request.Header.Command, Time.GetElapsedTime(request.StartedTimestamp));
    }
}
