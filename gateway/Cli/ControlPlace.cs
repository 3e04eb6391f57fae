using System.CommandLine;
using Gateway.Cluster;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Cli;

/// <summary>Where the control plane is that a command works on: in a data directory, or in etcd.</summary>
internal sealed class ControlPlace(CommonSettings common, Func<string, string?> environment)
{
    private readonly ControlSettings _control = new();

    public IEnumerable<Option> Options => [common.Data.Option, common.SecretFile.Option, .. _control.Options, common.Config];

    /// <summary>Runs something on it.</summary>
    /// <param name="parse">Says where.</param>
    /// <param name="mustExist">A directory is not made.</param>
    /// <param name="run">What, on which cluster.</param>
    /// <exception cref="StartException">It is in use, is not there, or does not answer.</exception>
    public async Task<int> UseAsync(ParseResult parse, bool mustExist, Func<IControlPlane, Guid, Task> run)
    {
        var sources = SettingSources.Open(parse.GetValue(common.Config), environment);
        var data = Path.GetFullPath(common.Data.Read(parse, sources));
        var options = _control.Read(parse, sources);
        if (options.Etcd is null && mustExist && !Directory.Exists(ClusterControl.DirectoryIn(data)))
            throw new StartException($"no gateway has run in {data}; name --data, or --control etcd=…");

        var cluster = common.FindSecret(parse, sources, data).Cluster;
        try
        {
            using var control = ClusterControl.Open(options, data, cluster, BootTimeProvider.Instance, NullLoggerFactory.Instance);
            await run(control.Plane, cluster);
            return CommandLine.ExitSuccess;
        }
        catch (ControlPlaneException error)
        {
            throw new StartException(error.Message, error);
        }
    }
}
