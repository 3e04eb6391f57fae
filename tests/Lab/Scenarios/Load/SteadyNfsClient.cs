using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>Creates and removes files as a hard mount does: a second execution would be refused by name, and be seen.</summary>
internal sealed class SteadyNfsClient(int number, HardMount mount, Nfs3Handle directory) : SteadyClient($"nfs{number}")
{
    private const int FilesMax = 20;

    private readonly List<string> _there = [];
    private int _names;

    /// <summary>Files that were created and are not there; call it after <see cref="LoadClient.Stop"/>.</summary>
    public IEnumerable<string> Missing(NfsShare share) =>
        _there.Where(name => share.Lookup(directory, name).Status != Nfs3Status.Ok);

    public override void Dispose()
    {
        base.Dispose();
        mount.Dispose();
    }

    protected override bool Step()
    {
        var removes = _there.Count > FilesMax;
        var name = removes ? _there[0] : string.Create(CultureInfo.InvariantCulture, $"f{number}-{_names++}");
        if (removes) _there.RemoveAt(0);
        var status = removes ? mount.Remove(directory, name, Stopping) : mount.Create(directory, name, Stopping);

        // What was not answered before the end may have happened or not: nothing is known of that name.
        if (status is null) return false;

        if (status != Nfs3Status.Ok) Errors.Add($"{(removes ? "REMOVE" : "CREATE")} {name}: {status}");
        if (!removes) _there.Add(name);
        return true;
    }
}
