using System.CommandLine;
using System.Net;
using Gateway.Cluster;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>The command that starts a backend node, which runs until it is told to stop.</summary>
internal sealed class NodeCommand(CommonSettings common, Func<string, string?> environment)
{
    private readonly Setting<string?> _id = new(
        "id", "name in the cluster", "a name of letters, digits, '.', '_' and '-'", null, SettingParsers.NodeId);

    private readonly Setting<IPEndPoint?> _listen = new(
        "listen", "where gateways reach the node", "address:port", null, SettingParsers.EndPoint);

    private readonly Setting<HostPort?> _advertise = new(
        "advertise", "where others reach the node, if that is not where it listens", "address:port or name:port", null,
        SettingParsers.HostPort);

    private readonly Setting<bool> _witness = new(
        "witness", "volumes take the node as a witness: it votes, and keeps the journal but no content", "true or false", false,
        SettingParsers.Flag);

    private readonly ControlSettings _control = new();
    private readonly LinkSettings _links = new();

    public Command Node()
    {
        var command = new Command("node", "Start one backend node");
        foreach (var option in new[] { _id.Option, common.Data.Option, _listen.Option, _advertise.Option, common.SecretFile.Option })
            command.Options.Add(option);
        command.Options.Add(_witness.Option);
        foreach (var option in (Option[])[.. _control.Options, .. _links.Options]) command.Options.Add(option);
        foreach (var option in common.ProcessOptions) command.Options.Add(option);
        command.SetAction((parse, stop) =>
        {
            var sources = SettingSources.Open(parse.GetValue(common.Config), environment);
            var options = new NodeOptions
            {
                Process = common.ReadProcess(parse, sources),
                Id = _id.Read(parse, sources) ?? throw new SettingException("--id is required"),
                Listen = _listen.Read(parse, sources) ?? throw new SettingException("--listen is required: address:port"),
                Control = _control.Read(parse, sources),
                Certificates = _links.Read(parse, sources),
                Advertise = _advertise.Read(parse, sources),
                Witness = _witness.Read(parse, sources),
            };
            if (options.Witness && options.Control.Etcd is null)
                throw new SettingException("--witness needs --control etcd=…, which tells it to the gateways; else: node add --witness");
            if (options.Control.Etcd is not null && options.Advertise is null && options.ListensOnAllAddresses)
                throw new SettingException("--advertise is required when the node listens on all addresses: address:port or name:port");

            return NodeProcess.RunAsync(options, stop);
        });
        return command;
    }
}
