using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links.Tls;

/// <summary>Reads the files of certificates again when they have changed, and tells in time that they end.</summary>
/// <remarks>
/// One caller at a time. The files are compared by what they say: copies keep the times of what they were made from, and
/// volumes of orchestrators swap links. They are small.
/// </remarks>
internal sealed class LinkFileWatch(LinkFiles files, ILogger logger)
{
    private static readonly TimeSpan WarningPause = TimeSpan.FromDays(1);

    private LinkFileTexts? _used;
    private Look _seen;
    private string? _complaint;
    private DateTimeOffset _warnedAt = DateTimeOffset.MinValue;

    /// <exception cref="CertificateException">They cannot be used.</exception>
    public LinkCertificates ReadFirst(DateTimeOffset now)
    {
        var texts = files.Read();
        var first = LinkCertificates.Of(files, texts, now);
        _used = texts;
        return first;
    }

    /// <summary>
    /// What the files say when they have changed and two looks found the same: a certificate and its key are not copied at
    /// one moment, and while they are, they may be locked, empty or away. What cannot be used is logged, and what was used
    /// before stays.
    /// </summary>
    public LinkCertificates? TryReadChange(LinkCertificates current, DateTimeOffset now)
    {
        var look = TakeLook();
        var settled = look == _seen;
        _seen = look;
        if (look.Texts == _used) _complaint = null;
        if (look.Texts == _used || !settled) return null;
        return look.Texts is { } texts ? Use(texts, current, now) : Complain(look.Trouble!);
    }

    /// <summary>Says once a day that a certificate ends soon, or has ended.</summary>
    public void WarnOfEnd(CertificateTerm current, DateTimeOffset now)
    {
        if (!current.IsNearEnd(now) || now - _warnedAt < WarningPause) return;
        _warnedAt = now;
        if (now < current.Expires) Log.CertificateEndsSoon(logger, current.Identity, current.Expires);
        else Log.CertificateHasEnded(logger, current.Identity, current.Expires);
    }

    private LinkCertificates? Use(LinkFileTexts texts, LinkCertificates current, DateTimeOffset now)
    {
        try
        {
            var made = LinkCertificates.Of(files, texts, now);
            if (made.Own != current.Own) return Complain($"{files.Certificate}: it is for {made.Own}, not for {current.Own}");
            (_used, _complaint) = (texts, null);
            Log.CertificatesRead(logger, made.Own, made.Term.Expires);
            return made;
        }
        catch (CertificateException error)
        {
            return Complain(error.Message);
        }
    }

    // Once for as long as it is the same: every look finds it.
    private LinkCertificates? Complain(string cause)
    {
        if (_complaint != cause) Log.CertificatesNotRead(logger, cause);
        _complaint = cause;
        return null;
    }

    private Look TakeLook()
    {
        try
        {
            return new Look(files.Read(), null);
        }
        catch (CertificateException error)
        {
            return new Look(null, error.Message);
        }
    }

    /// <summary>What one look found: the texts, or why they cannot be read.</summary>
    private readonly record struct Look(LinkFileTexts? Texts, string? Trouble);
}
