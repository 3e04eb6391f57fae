using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Users;

namespace Gateway.Tests.Users;

/// <summary>A control plane in a temporary directory.</summary>
internal sealed class ControlDirectory : IDisposable
{
    public ControlDirectory() => Control = EmbeddedControlPlane.Open(Path);

    public string Path { get; } = Directory.CreateTempSubdirectory("nasgate-users").FullName;

    public EmbeddedControlPlane Control { get; }

    public static ClusterSecret Secret(byte filling = 1) => ClusterSecret.FromKey(Enumerable.Repeat(filling, 32).ToArray());

    public UserDirectory Users(byte secret = 1) => new(Control, new UserSecrets(Secret(secret)), TimeProvider.System);

    public void Dispose()
    {
        Control.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
