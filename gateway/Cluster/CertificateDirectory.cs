using System.Security.Cryptography;
using System.Text;
using Gateway.Hosting;
using Gateway.Replication.Disks;
using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;

namespace Gateway.Cluster;

/// <summary>
/// The directory in which a cluster's certificates are made: its authority, and a certificate and key for every node and
/// gateway. What a machine needs of it is copied there; the authority's key stays.
/// </summary>
internal sealed class CertificateDirectory(string directory, TimeProvider time)
{
    public const string AuthoritiesFile = "ca.pem";
    public const string AuthorityKeyFile = "ca.key";
    public const string SecretFile = "secret";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybody = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const string CertificateEnding = ".pem";

    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);

    /// <summary>Makes the directory with an authority in it.</summary>
    /// <param name="secretFile">The secret of the cluster, made when there is none; null for one in the directory.</param>
    /// <param name="holders">Who gets a certificate.</param>
    /// <param name="life">How long those are valid.</param>
    /// <returns>What was issued.</returns>
    /// <exception cref="StartException">There is something there already, or it cannot be made.</exception>
    public IReadOnlyList<CertificateNote> Make(string? secretFile, CertificateHolders holders, TimeSpan life) => Try(() =>
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new StartException($"{directory} is not empty; nothing is overwritten");

        // Half of it would look like all of it: it is made beside, and appears as a whole.
        var parent = Path.GetDirectoryName(directory)!;
        Directory.CreateDirectory(parent);
        var made = Path.Combine(parent, $".{Path.GetFileName(directory)}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        try
        {
            Directory.CreateDirectory(made, OwnerOnly | UnixFileMode.UserExecute);
            var secret = SharedSecret.LoadOrCreate(secretFile ?? Path.Combine(made, SecretFile));
            using var authority = LinkAuthority.Make(ClusterSecret.FromKey(secret).Cluster, time.GetUtcNow(), AuthorityLife);
            var inside = new CertificateDirectory(made, time);
            inside.Write(AuthoritiesFile, authority.CertificatePem, Everybody);
            inside.Write(AuthorityKeyFile, authority.ExportKeyPem(), UnixFileMode.UserRead);
            var notes = inside.Issue(authority, holders, life);
            inside.Sync();
            if (Directory.Exists(directory)) Directory.Delete(directory);
            Directory.Move(made, directory);
            return notes;
        }
        catch
        {
            if (Directory.Exists(made)) Directory.Delete(made, recursive: true);
            throw;
        }
    });

    /// <summary>Issues certificates with new keys, in place of those that there are.</summary>
    /// <param name="holders">For whom; all that have one when it is empty.</param>
    /// <param name="life">How long they are valid.</param>
    /// <exception cref="StartException">There is no authority here, or it cannot be written.</exception>
    public IReadOnlyList<CertificateNote> Renew(CertificateHolders holders, TimeSpan life) => Try(() =>
    {
        using var authority = ReadAuthority();
        var notes = Issue(authority, holders.Count == 0 ? Holders() : holders, life);
        Sync();
        return notes;
    });

    /// <summary>
    /// Makes an authority that follows the one there is; both are believed until <see cref="RetireAuthorities"/>. Certificates
    /// stay as they are.
    /// </summary>
    /// <exception cref="StartException">There is no authority here, or it cannot be written.</exception>
    public void FollowAuthority() => Try(() =>
    {
        using var before = ReadAuthority();
        using var authority = LinkAuthority.Make(before.Cluster, time.GetUtcNow(), AuthorityLife);

        // Cut off in between, the old one goes on issuing, and one is believed that nobody has the key of.
        Write(AuthoritiesFile, authority.CertificatePem + before.CertificatePem, Everybody);
        Sync();
        Write(AuthorityKeyFile, authority.ExportKeyPem(), UnixFileMode.UserRead);
        Sync();
        return true;
    });

    /// <summary>Believes only the newest authority.</summary>
    /// <exception cref="StartException">A certificate here is still of an older one, or it cannot be written.</exception>
    public void RetireAuthorities() => Try(() =>
    {
        using var authority = ReadAuthority();
        foreach (var file in CertificateFiles())
        {
            if (!authority.HasIssued(File.ReadAllText(file)))
                throw new StartException($"{file} is still of an older authority: nasgate cluster renew, and let it be read first");
        }

        Write(AuthoritiesFile, authority.CertificatePem, Everybody);
        Sync();
        return true;
    });

    private List<CertificateNote> Issue(LinkAuthority authority, CertificateHolders holders, TimeSpan life)
    {
        var notes = new List<CertificateNote>();
        notes.AddRange(holders.Nodes.Select(name => Issue(authority, LinkRole.Node, name, life)));
        notes.AddRange(holders.Gateways.Select(name => Issue(authority, LinkRole.Gateway, name, life)));
        return notes;
    }

    private CertificateNote Issue(LinkAuthority authority, LinkRole role, string name, TimeSpan life)
    {
        var issued = authority.Issue(role, name, time.GetUtcNow(), life);
        var (certificate, key) = (PrefixOf(role) + name + CertificateEnding, PrefixOf(role) + name + ".key");
        Write(key, issued.KeyPem, OwnerOnly);
        Write(certificate, issued.CertificatePem, Everybody);
        return new CertificateNote(role, name, certificate, key, issued.Expires);
    }

    private LinkAuthority ReadAuthority()
    {
        var (certificates, key) = (Path.Combine(directory, AuthoritiesFile), Path.Combine(directory, AuthorityKeyFile));
        if (!File.Exists(key)) throw new StartException($"there is no {key}: nasgate cluster init makes one");
        return LinkAuthority.Read(File.ReadAllText(certificates), File.ReadAllText(key));
    }

    private CertificateHolders Holders() => new([.. NamesOf(LinkRole.Node)], [.. NamesOf(LinkRole.Gateway)]);

    private IEnumerable<string> CertificateFiles() => new[] { LinkRole.Node, LinkRole.Gateway }
        .SelectMany(role => NamesOf(role).Select(name => Path.Combine(directory, PrefixOf(role) + name + CertificateEnding)));

    private IEnumerable<string> NamesOf(LinkRole role) => Directory
        .EnumerateFiles(directory, PrefixOf(role) + "*" + CertificateEnding)
        .Select(file => Path.GetFileName(file)[PrefixOf(role).Length..^CertificateEnding.Length])
        .Order(StringComparer.Ordinal);

    private static string PrefixOf(LinkRole role) => role == LinkRole.Node ? "node-" : "gateway-";

    // A reader finds the old file or the new one.
    private void Write(string name, string text, UnixFileMode mode)
    {
        var temporary = Path.Combine(directory, $".{name}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path.Combine(directory, name), overwrite: true);
    }

    private void Sync()
    {
        using var disk = new LinuxDisk(directory);
        disk.SyncDirectory();
    }

    private T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DiskException or CertificateException)
        {
            throw new StartException($"{directory}: {error.Message}", error);
        }
    }
}

/// <summary>Who is to have a certificate, by their ids.</summary>
internal sealed record CertificateHolders(IReadOnlyList<string> Nodes, IReadOnlyList<string> Gateways)
{
    public int Count => Nodes.Count + Gateways.Count;
}

/// <summary>A certificate that was issued, and the names of its files.</summary>
internal sealed record CertificateNote(LinkRole Role, string Name, string CertificateFile, string KeyFile, DateTimeOffset Expires);
