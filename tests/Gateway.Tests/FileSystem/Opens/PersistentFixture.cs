using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>Persistent opens of a volume that is opened again, as the next gateway does.</summary>
public abstract class PersistentFixture : OpenFixture
{
    protected async Task<Open> PersistAsync(
        Client client, string path, CachingRequest caching = default, AccessMask access = AccessMask.FileAll,
        ShareModes share = ShareModes.All, OpenDisposition disposition = OpenDisposition.OpenIf,
        OpenOptions options = OpenOptions.None)
    {
        var result = await TryOpenAsync(
            client, path, caching, access, share, disposition, options, persistent: await NewGrantAsync());
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok), path);
        return result.Open!;
    }

    protected async Task<PersistentGrant> NewGrantAsync() => new()
    {
        Id = (await Tree.Opens.TakePersistentIdAsync())!.Value,
        CreateGuid = Guid.CreateVersion7(),
        Share = "files",
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>The owner dies; another one opens the volume.</summary>
    protected async Task FailOverAsync()
    {
        await CloseTreeAsync();
        Store.StartNextEpoch();
        await ReopenAsync();
    }

    /// <summary>The open of the earlier epoch.</summary>
    protected Open Absent(Open former) => Tree.Opens.Absent.Single(open => open.Persistent!.Id == former.Persistent!.Id);

    /// <summary>The client comes back for its open.</summary>
    protected Open Resume(Open former, Client client)
    {
        var open = Absent(former);
        Assert.That(open.TryResume(client, client.Token, out _));
        return open;
    }
}
