using System.Net;
using System.Net.Sockets;
using Gateway.Hosting;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Hosting;

/// <summary>What a gateway does for practice before it stands by.</summary>
public sealed class RehearsalTests
{
    private ControlDirectory _control = null!;
    private TcpListener _nfs = null!;
    private TcpListener _smb = null!;

    // The gateway's own ports are taken meanwhile, by another process or, as here, by us.
    [SetUp]
    public void SetUp()
    {
        _control = new ControlDirectory();
        _nfs = new TcpListener(IPAddress.Loopback, 0);
        _nfs.Start();
        _smb = new TcpListener(IPAddress.Loopback, 0);
        _smb.Start();
    }

    [TearDown]
    public void TearDown()
    {
        _nfs.Dispose();
        _smb.Dispose();
        _control.Dispose();
    }

    [Test]
    public async Task It_serves_a_client_on_other_ports_than_the_gateways([Values] bool withSmb)
    {
        var options = LocalGateway.Options() with
        {
            NfsPort = ((IPEndPoint)_nfs.LocalEndpoint).Port,
            Portmap = true,
            Smb = new SmbOptions
            {
                Port = withSmb ? ((IPEndPoint)_smb.LocalEndpoint).Port : 0,
                Shares = [ShareOptions.Default("files")],
            },
        };
        Assert.That(
            await Rehearsal.RunAsync(
                options, ControlDirectory.Secret(), _control.Users(), TimeProvider.System, NullLogger.Instance, default),
            Is.True);
        Assert.That(_nfs.Pending() || _smb.Pending(), Is.False);
    }
}
