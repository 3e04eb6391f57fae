using System.CommandLine;
using Gateway.Cluster;

namespace Gateway.Cli;

/// <summary>The commands under <c>cluster</c>: what the control plane holds, as files.</summary>
internal sealed class ClusterCommands(CommonSettings common, Func<string, string?> environment)
{
    private readonly ControlPlace _place = new(common, environment);
    private readonly CertificateCommands _certificates = new(common, environment);
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "replace other values that are there already" };
    private readonly Argument<string> _target = new("FILE") { Description = "a new file, or - for standard output" };
    private readonly Argument<string> _source = new("FILE") { Description = "an exported cluster" };
    private readonly Argument<string> _settings = new("FILE") { Description = "a configuration file with exports or shares" };

    public Command Cluster() => new("cluster", "Make certificates; export, import and change what the control plane holds")
    {
        Export(), Import(), Apply(), _certificates.Init(), _certificates.Renew(), _certificates.Authority(),
    };

    private Command Export()
    {
        var command = WithPlaces(new Command("export", "Write all that the control plane holds into a file"), _target);
        command.SetAction((parse, stop) => _place.UseAsync(parse, mustExist: true, async (control, cluster) =>
        {
            var text = ClusterDocument.Of(cluster, await control.ListAsync("", stop)).Format();
            await ClusterFile.WriteAsync(parse.GetRequiredValue(_target), text);
        }));
        return command;
    }

    private Command Import()
    {
        var command = WithPlaces(new Command("import", "Bring an exported cluster into the control plane"), _source);
        command.Options.Add(_overwrite);
        command.SetAction((parse, stop) =>
        {
            var document = ClusterDocument.Parse(ClusterFile.Read(parse.GetRequiredValue(_source)));
            return _place.UseAsync(parse, mustExist: false, async (control, cluster) =>
            {
                var written = await ClusterImport.RunAsync(control, cluster, document, parse.GetValue(_overwrite), stop);
                Console.Out.WriteLine($"{written} of {document.Values.Count} values written, the others were there");
            });
        });
        return command;
    }

    private Command Apply()
    {
        var command = WithPlaces(
            new Command("apply", "Set exports and shares for all gateways"), _settings);
        command.SetAction((parse, stop) =>
        {
            var sharing = SharingRecords.Read(SettingSources.Open(parse.GetRequiredValue(_settings), _ => null), parse);
            return _place.UseAsync(parse, mustExist: true, async (control, _) =>
            {
                foreach (var (key, json) in sharing)
                {
                    await SharingRecords.SetAsync(control, key, json, stop);
                    Console.Out.WriteLine($"{key} set");
                }
            });
        });
        return command;
    }

    private Command WithPlaces(Command command, Argument<string> file)
    {
        command.Arguments.Add(file);
        foreach (var option in _place.Options) command.Options.Add(option);
        return command;
    }
}
