using Gateway.Hosting;
using Gateway.Replication.Control.Etcd;

namespace Gateway.Cluster;

/// <summary>A user of etcd and its password, <c>user:password</c> on one line of a file that only its owner reads.</summary>
internal static class CredentialsFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="StartException">It cannot be read, is open to others, or says something else.</exception>
    public static EtcdCredentials Read(string path)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
                throw new StartException($"{path} must be readable by its owner only: chmod 600 {path}");

            var text = File.ReadAllText(path).TrimEnd('\r', '\n');
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 && colon < text.Length - 1 && !text.Contains('\n', StringComparison.Ordinal)
                ? new EtcdCredentials(text[..colon], text[(colon + 1)..])
                : throw new StartException($"{path} must hold one line, user:password");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{path}: {error.Message}", error);
        }
    }
}
