using System.Security.Cryptography;
using System.Text;

namespace Gateway.Hosting;

/// <summary>
/// The secret that gateways and nodes prove to each other: 32 random bytes as hex in a file that only its owner reads.
/// </summary>
internal static class SharedSecret
{
    private const int SecretBytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the secret; makes the file when there is none. Two first starts at once agree on one secret.</summary>
    /// <exception cref="StartException">The file cannot be made or read, is open to others, or holds no secret.</exception>
    public static byte[] LoadOrCreate(string path)
    {
        try
        {
            if (!File.Exists(path)) Create(path);
            if ((File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
                throw new StartException($"the secret file {path} must be readable by its owner only: chmod 600 {path}");

            var secret = Convert.FromHexString(File.ReadAllText(path, Encoding.ASCII).Trim());
            return secret.Length == SecretBytes
                ? secret
                : throw new StartException($"the secret file {path} must hold {SecretBytes} bytes as hex");
        }
        catch (FormatException)
        {
            throw new StartException($"the secret file {path} must hold {SecretBytes} bytes as hex");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the secret file {path}: {error.Message}", error);
        }
    }

    private static void Create(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        var temporary = Path.Combine(directory, $".secret.{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToHexString(RandomNumberGenerator.GetBytes(SecretBytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        try
        {
            // Fails when another process was first; then its secret is the one.
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
    }
}
