using Gateway.EtcdServer;
using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Control.Etcd;

/// <summary>Against etcd itself, of one member.</summary>
public sealed class EtcdControlPlaneTests : ControlPlaneContract
{
    private EtcdCluster _etcd = null!;
    private EtcdControlPlane _control = null!;

    private protected override IControlPlane Control => _control;

    [OneTimeSetUp]
    public async Task StartEtcd() => _etcd = await EtcdCluster.StartAsync();

    [OneTimeTearDown]
    public async Task StopEtcd() => await _etcd.DisposeAsync();

    [SetUp]
    public void SetUp() => _control = Open(new Guid(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)));

    [TearDown]
    public void TearDown() => _control.Dispose();

    private EtcdControlPlane Open(Guid cluster) => new(
        new EtcdOptions { Endpoints = _etcd.Addresses }, cluster, BootTimeProvider.Instance, NullLogger.Instance);
}
