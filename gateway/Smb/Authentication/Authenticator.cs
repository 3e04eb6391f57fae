using System.Net;
using Gateway.Protocol.Ntlm;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Spnego;
using Gateway.Replication.Control;
using Gateway.Telemetry;
using Gateway.Users;
using Microsoft.Extensions.Logging;

namespace Gateway.Smb.Authentication;

/// <summary>Lets users in by NTLMv2. One for the server.</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class Authenticator
{
    private const int NetBiosLettersMax = 15;

    private readonly UserDirectory _users;
    private readonly UserRecord _decoy;
    private readonly LogonThrottle _throttle;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger _logger;

    /// <param name="users">Who may log on.</param>
    /// <param name="hostName">What the server is called.</param>
    /// <param name="metrics">Where log-ons are counted.</param>
    /// <param name="time">Clock of delays, and of the date that clients are told.</param>
    /// <param name="logger">Failures and their causes.</param>
    public Authenticator(UserDirectory users, string hostName, GatewayMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_users, _metrics, Time, _logger) = (users, metrics, time, logger);
        _decoy = users.MakeDecoy();
        _throttle = new LogonThrottle(time);
        DnsName = hostName;
        var label = hostName.Split('.')[0].ToUpperInvariant();
        NetBiosName = label.Length > NetBiosLettersMax ? label[..NetBiosLettersMax] : label;
    }

    /// <summary>Who may log on.</summary>
    public UserDirectory Users => _users;

    public string NetBiosName { get; }

    public string DnsName { get; }

    public TimeProvider Time { get; }

    /// <summary>For the NEGOTIATE response: what a client may begin with.</summary>
    public byte[] Hints { get; } = SpnegoWriter.NegotiateHints();

    /// <summary>Whether what the user proved still holds: it has not been disabled or removed, nor its password changed.</summary>
    public bool IsCurrent(AuthenticatedUser user) => _users.IsCurrent(user);

    /// <summary>Begins a log-on: one for each sequence of SESSION_SETUP requests, also of a user who is in already.</summary>
    public LogonExchange Begin(IPAddress client) => new(this, client);

    /// <summary>Checks what a client proves about its password, at the pace that earlier failures leave it.</summary>
    /// <param name="attempt">What the client sent.</param>
    /// <param name="client">Where from.</param>
    /// <param name="cancellation">The client has gone.</param>
    public async ValueTask<LogonResult> LogOnAsync(LogonAttempt attempt, IPAddress client, CancellationToken cancellation)
    {
        if (attempt.IsAnonymous) return AdmitAnonymous(attempt);

        var account = UserName.OfClient(attempt.User);
        var throttled = UserName.IsValid(account) ? account : "";
        if (_throttle.Reserve(throttled, client) is not { } wait)
            return Refuse(attempt, client, NtStatus.LogonFailure, LogonFailure.Throttled);

        if (wait > TimeSpan.Zero) await Task.Delay(wait, Time, cancellation);

        var (failure, user) = await CheckAsync(attempt, account, cancellation);
        if (failure == LogonFailure.None)
        {
            _throttle.Succeeded(throttled, client);
            return Admit(attempt, client, user!);
        }

        // Only who knows the password is told that the user is disabled.
        var status = failure switch
        {
            LogonFailure.Disabled => NtStatus.AccountDisabled,
            LogonFailure.Altered or LogonFailure.Malformed => NtStatus.InvalidParameter,
            LogonFailure.Unavailable => NtStatus.NoLogonServers,
            _ => NtStatus.LogonFailure,
        };
        return Refuse(attempt, client, status, failure, _throttle.Failed(throttled, client));
    }

    /// <summary>
    /// Counts and logs a failure that is no guess of a password: it slows nobody down. Logged are the first, second,
    /// fourth, … of a cause.
    /// </summary>
    public void Refused(IPAddress client, LogonFailure cause)
    {
        _metrics.LogonFailed(cause);
        if (long.IsPow2(_metrics.LogonFailuresOf(cause))) _logger.LogonRefused(client, cause);
    }

    // The same steps whether there is such a user or not: the decoy's secret is opened and the proof computed.
    private async ValueTask<(LogonFailure Failure, UserRecord? User)> CheckAsync(
        LogonAttempt attempt, string account, CancellationToken cancellation)
    {
        UserRecord? user;
        try
        {
            user = await _users.FindAsync(account, cancellation);
        }
        catch (ControlPlaneException error)
        {
            _logger.UsersUnavailable(error);
            return (LogonFailure.Unavailable, null);
        }

        var hash = new byte[NtHash.Bytes];
        var isOpen = _users.TryOpenSecret(user ?? _decoy, hash);
        var failure = attempt.Verify(hash);
        if (user is null)
            return (failure is LogonFailure.LegacyResponse or LogonFailure.Malformed ? failure : LogonFailure.UnknownUser, null);
        if (!isOpen)
        {
            _logger.SecretUnreadable(user.Name);
            return (LogonFailure.Unavailable, null);
        }

        return (failure == LogonFailure.None && user.Disabled ? LogonFailure.Disabled : failure, user);
    }

    private LogonResult Admit(LogonAttempt attempt, IPAddress client, UserRecord user)
    {
        _metrics.LoggedOn();
        _logger.LoggedOn(user.Name, client);
        return new LogonResult(NtStatus.Success, AuthenticatedUser.Of(user), attempt.SessionKey);
    }

    private LogonResult AdmitAnonymous(LogonAttempt attempt)
    {
        if (!attempt.TryExportAnonymousKey()) return new LogonResult(NtStatus.InvalidParameter, null, []);

        _metrics.LoggedOnAnonymously();
        return new LogonResult(NtStatus.Success, AuthenticatedUser.Anonymous, attempt.SessionKey);
    }

    private LogonResult Refuse(
        LogonAttempt attempt, IPAddress client, NtStatus status, LogonFailure cause, bool isWorthLogging = false)
    {
        _metrics.LogonFailed(cause);
        if (isWorthLogging) _logger.LogonFailed(UserName.ForLog(attempt.User), client, cause);
        return new LogonResult(status, null, []);
    }
}
