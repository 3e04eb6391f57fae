using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>A directory of one scenario, with empty registers and logs that everybody may read and write.</summary>
internal sealed class ScenarioTree
{
    public const uint FileMode = 0x1B6;
    private const uint DirectoryMode = 0x1FF;

    private readonly Dictionary<string, Nfs3Handle> _handles = [];

    private ScenarioTree(string name, Nfs3Handle directory) => (Name, Directory) = (name, directory);

    /// <summary>Of the directory, in the root of the volume.</summary>
    public string Name { get; }

    public Nfs3Handle Directory { get; }

    public Nfs3Handle this[string file] => _handles[file];

    /// <param name="share">Mounted from the gateway that serves.</param>
    /// <param name="number">No two scenarios have the same.</param>
    public static ScenarioTree Make(NfsShare share, int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"s{number}");
        var made = share.MkDir(share.Root, name, DirectoryMode);
        if (made.Status != Nfs3Status.Ok) throw new IOException($"MKDIR {name}: {made.Status}");

        var tree = new ScenarioTree(name, made.Handle!.Value);
        foreach (var file in ScenarioFiles.Registers.Concat(Enumerable.Range(0, ScenarioLoad.Clients).Select(ScenarioFiles.LogOf)))
        {
            var created = share.Create(tree.Directory, file, FileMode);
            if (created.Status != Nfs3Status.Ok) throw new IOException($"CREATE {file}: {created.Status}");
            tree._handles[file] = created.Handle!.Value;
        }

        return tree;
    }
}
