using System.CommandLine;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>The commands that start a gateway and run until they are told to stop: <c>up</c> and <c>serve</c>.</summary>
internal sealed class ServingCommands(CommonSettings common, Func<string, string?> environment)
{
    private readonly MemberSettings _member = new();
    private readonly NodeSettings _nodes = new();
    private readonly SmbSettings _smb = new();
    private readonly AddressSettings _addresses = new();
    private readonly ControlSettings _control = new();
    private readonly LinkSettings _links = new();

    public Command Up()
    {
        var command = GatewayCommand("up", "Start a gateway and its backend nodes in this process");
        foreach (var option in _nodes.OwnOptions) command.Options.Add(option);
        command.SetAction((parse, stop) =>
        {
            var sources = Sources(parse);
            var options = ReadGateway(parse, sources, []);
            var (count, witness) = _nodes.ReadOwn(parse, sources);
            return UpProcess.RunAsync(WithOwnSecret(options, parse, sources), count, witness, stop);
        });
        return command;
    }

    public Command Serve()
    {
        var command = GatewayCommand("serve", "Start a gateway for backend nodes that run elsewhere");
        foreach (var option in _nodes.ElsewhereOptions) command.Options.Add(option);
        foreach (var option in (Option[])[.. _member.Options, .. _control.Options, .. _links.Options]) command.Options.Add(option);
        command.SetAction((parse, stop) =>
        {
            var sources = Sources(parse);
            var told = ReadGateway(parse, sources, _nodes.ReadElsewhere(parse, sources));
            var options = _member.Read(told, parse, sources) with
            {
                Control = _control.Read(parse, sources),
                Certificates = _links.Read(parse, sources),
            };
            if (options.Control.Etcd is not null && options.Id is null)
                throw new SettingException("--id is required with --control etcd=…");
            if (options.Control.Etcd is null && options.Nodes.Count == 0)
                throw new SettingException("--nodes is required: id=address:port,…");

            return GatewayProcess.RunAsync(options, stop);
        });
        return command;
    }

    private Command GatewayCommand(string name, string description)
    {
        var command = new Command(name, description);
        command.Options.Add(common.Data.Option);
        command.Options.Add(common.Listen.Option);
        command.Options.Add(common.NfsPort.Option);
        command.Options.Add(common.HttpPort.Option);
        command.Options.Add(common.Portmap.Option);
        foreach (var option in _smb.Options) command.Options.Add(option);
        foreach (var option in _addresses.Options) command.Options.Add(option);
        command.Options.Add(common.SecretFile.Option);
        foreach (var option in common.ProcessOptions) command.Options.Add(option);
        return command;
    }

    // All that `up` starts lives under one directory and moves with it; the secret too, unless somebody names another.
    private GatewayOptions WithOwnSecret(GatewayOptions options, ParseResult parse, SettingSources sources) =>
        common.SecretFile.IsSet(parse, sources)
            ? options
            : options with
            {
                Process = options.Process with { SecretFile = Path.Combine(options.Process.DataDirectory, "secret") },
            };

    private SettingSources Sources(ParseResult parse) => SettingSources.Open(parse.GetValue(common.Config), environment);

    private GatewayOptions ReadGateway(ParseResult parse, SettingSources sources, IReadOnlyList<NodeEndPoint> nodes)
    {
        return new GatewayOptions
        {
            Process = common.ReadProcess(parse, sources),
            Listen = common.Listen.Read(parse, sources),
            NfsPort = common.NfsPort.Read(parse, sources),
            HttpPort = common.HttpPort.Read(parse, sources),
            Portmap = common.Portmap.Read(parse, sources),
            Nodes = nodes,
            Smb = _smb.Read(parse, sources),
            Addresses = _addresses.Read(parse, sources, common.Listen.Read(parse, sources)),
            Exports = ExportSettings.Read(sources.File, GatewayProcess.VolumeName),
        };
    }
}
