using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Gateway.Replication.Disks;

namespace Gateway.Hosting;

/// <summary>
/// The secret that gateways and nodes prove to each other: 32 random bytes as hex in a file that only its owner reads.
/// </summary>
internal static partial class SharedSecret
{
    private const int SecretBytes = 32;
    private const int FileExists = 17; // EEXIST
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
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DiskException)
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

        // A rename would replace the secret of a process that was first (File.Move only looks before it leaps), and
        // nodes that already used theirs would never meet again. A link fails instead; then the other's is the one.
        var linked = Link(temporary, path) == 0;
        var error = Marshal.GetLastPInvokeError();
        File.Delete(temporary);
        if (!linked && error != FileExists)
            throw new IOException($"link failed: {Marshal.GetPInvokeErrorMessage(error)}");

        // The cluster's identity is derived from it: it must not vanish with a power cut after the first write.
        using var disk = new LinuxDisk(directory);
        disk.SyncDirectory();
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);
}
