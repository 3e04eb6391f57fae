using Gateway.Replication.Links.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Links.Tls;

/// <summary>An authority, and the files of those it has issued certificates to, in a directory of their own.</summary>
internal sealed class TestCertificates : IAsyncDisposable
{
    public static readonly Guid Cluster = new("8d9c0b1a-0000-4000-8000-00000000c1a5");

    private readonly string _directory = Directory.CreateTempSubdirectory("nasgate-links-").FullName;
    private readonly List<LinkTls> _opened = [];

    public TestCertificates(Guid? cluster = null)
    {
        Authority = LinkAuthority.Make(cluster ?? Cluster, Now, TimeSpan.FromDays(100));
        Believe(Authority);
    }

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public LinkAuthority Authority { get; set; }

    public string AuthoritiesFile => Path.Combine(_directory, "ca.pem");

    /// <summary>Writes the file of those who are believed.</summary>
    public void Believe(params LinkAuthority[] authorities) =>
        File.WriteAllText(AuthoritiesFile, string.Concat(authorities.Select(authority => authority.CertificatePem)));

    /// <summary>Issues a certificate, in place of the one that the name had.</summary>
    public LinkFiles Issue(LinkRole role, string name, TimeSpan? life = null) =>
        Write(role, name, Authority.Issue(role, name, Now, life ?? TimeSpan.FromDays(90)));

    public LinkFiles Write(LinkRole role, string name, IssuedCertificate issued)
    {
        var files = new LinkFiles(
            Path.Combine(_directory, $"{role}-{name}.pem"), Path.Combine(_directory, $"{role}-{name}.key"), AuthoritiesFile);
        File.WriteAllText(files.Certificate, issued.CertificatePem);
        File.Delete(files.Key);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var key = new StreamWriter(files.Key, options);
        key.Write(issued.KeyPem);
        return files;
    }

    /// <summary>Issues a certificate, and opens it as a process would.</summary>
    public LinkTls Open(LinkRole role, string name, TimeSpan? life = null) => Open(Issue(role, name, life), role);

    public LinkTls Open(LinkFiles files, LinkRole role, TimeProvider? time = null, ILogger? logger = null)
    {
        var tls = LinkTls.Open(files, role, null, null, time ?? TimeProvider.System, logger ?? NullLogger.Instance);
        _opened.Add(tls);
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tls in _opened) await tls.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
