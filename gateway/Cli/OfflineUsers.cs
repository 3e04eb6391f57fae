using System.Runtime.InteropServices;
using Gateway.Admin;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Users;

namespace Gateway.Cli;

/// <summary>Changes the users of a gateway that does not run, in its files.</summary>
internal static partial class OfflineUsers
{
    private const int StatusBytes = 256;
    private const int OwnerOffset = 20;
    private const uint OwnerMask = 0x8;
    private const int CurrentDirectory = -100; // AT_FDCWD

    /// <exception cref="StartException">There is none, or it runs and does not answer.</exception>
    public static async Task<UserAnswer> DoAsync(
        string data, ClusterSecret secret, UserRequest request, CancellationToken stop)
    {
        var directory = Path.Combine(data, "gateway", "control");
        if (!Directory.Exists(directory))
            throw new StartException($"no gateway answers, and none has run in {data}");
        RequireOwner(directory);
        try
        {
            using var control = EmbeddedControlPlane.Open(directory);
            var users = new UserDirectory(control, new UserSecrets(secret), TimeProvider.System);
            return await UserAdministration.DoAsync(users, request, stop);
        }
        catch (Exception error) when (error is ControlPlaneException or UnauthorizedAccessException)
        {
            throw new StartException($"no gateway answers on that port, and its files cannot be changed: {error.Message}", error);
        }
    }

    // Files that root replaces would be root's: the gateway could not read them any more.
    private static void RequireOwner(string directory)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        if (!Environment.IsPrivilegedProcess || StatX(CurrentDirectory, directory, 0, OwnerMask, status) != 0) return;

        var owner = BitConverter.ToUInt32(status[OwnerOffset..]);
        if (owner != 0)
            throw new StartException($"{directory} belongs to the user with uid {owner}: run this as that user, or start the gateway");
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Span<byte> status);
}
