using System.Security.Cryptography;

namespace Gateway.Replication.Links.Tls;

/// <summary>The files that a node's or gateway's certificate is in, all of them PEM.</summary>
/// <param name="Certificate">Its own, and what else leads to the authority.</param>
/// <param name="Key">The private key, which nobody else may read.</param>
/// <param name="Authorities">Certificates of those who are believed; more than one while one follows the other.</param>
public sealed record LinkFiles(string Certificate, string Key, string Authorities)
{
    /// <summary>Far more than any chain needs.</summary>
    private const int BytesMax = 1 << 20;

    private const UnixFileMode NotForOthers =
        UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <exception cref="CertificateException">A file cannot be read, is too large, or the key is open to others.</exception>
    internal LinkFileTexts Read() => new(ReadText(Certificate), ReadKey(), ReadText(Authorities));

    private string ReadKey() => (ModeOf(Key) & NotForOthers) == 0
        ? ReadText(Key)
        : throw new CertificateException($"{Key}: others may read or change the key: chmod 600 {Key}");

    private static UnixFileMode ModeOf(string file) => Try(file, File.GetUnixFileMode);

    private static string ReadText(string file) => Try(file, static file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > BytesMax) throw new CertificateException($"{file}: larger than {BytesMax} bytes");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    private static T Try<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CertificateException($"{file}: {error.Message}", error);
        }
    }
}

/// <summary>What the files said at one moment; equal when no file has changed.</summary>
internal sealed record LinkFileTexts(string Certificate, string Key, string Authorities)
{
    // The compiler would print the key.
    public override string ToString() => "the texts of certificates";
}

/// <summary>A certificate or key cannot be used; the message is for people.</summary>
public sealed class CertificateException(string message, Exception? inner = null) : Exception(message, inner);
