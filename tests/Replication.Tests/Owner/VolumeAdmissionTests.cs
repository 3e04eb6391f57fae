using Gateway.Replication.Control;
using Gateway.Replication.Owner;

namespace Gateway.Replication.Tests.Owner;

public sealed class VolumeAdmissionTests
{
    private string _directory = "";
    private EmbeddedControlPlane _inner = null!;
    private ForgetfulControl _control = null!;
    private VolumeAdmission _admission = null!;

    [SetUp]
    public async Task SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("admission-").FullName;
        _inner = EmbeddedControlPlane.Open(_directory);
        _control = new ForgetfulControl(_inner);
        _admission = await OpenAsync(_control);
    }

    [TearDown]
    public void TearDown()
    {
        _admission.Dispose();
        _inner.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task An_epoch_that_was_taken_while_the_answer_was_lost_is_ours()
    {
        _control.LosesNextAnswer = true;
        await _admission.TakeEpochAfterAsync(0, default);
        Assert.That(_admission.Record.Epoch, Is.EqualTo(1));
        Assert.That(await _admission.IsStillOursAsync(default), Is.True);
    }

    [Test]
    public async Task An_epoch_that_another_took_is_not()
    {
        using var other = await OpenAsync(_inner);
        await other.TakeEpochAfterAsync(0, default);
        Assert.That(() => _admission.TakeEpochAfterAsync(0, default), Throws.TypeOf<VolumeLostException>());
        await _admission.TakeEpochAfterAsync(1, default);
        Assert.That(await other.IsStillOursAsync(default), Is.False);
    }

    private static async Task<VolumeAdmission> OpenAsync(IControlPlane control)
    {
        var options = new ReplicationOptions
        {
            Volume = "files",
            Nodes = [new NodeAddress("n0", "127.0.0.1", 1)],
            Trust = TestCluster.Trust,
            OwnerAddress = "test",
            RowsDirectory = "",
        };
        var admission = new VolumeAdmission(new VolumeRecords(control), options, BootTimeProvider.Instance, TestLog.Instance);
        await admission.LoadAsync(default);
        return admission;
    }

    /// <summary>A control plane whose answer to a change may get lost on the way.</summary>
    private sealed class ForgetfulControl(IControlPlane inner) : IControlPlane
    {
        public bool LosesNextAnswer { get; set; }

        public ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation) =>
            inner.ReadAsync(key, cancellation);

        public ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation) =>
            inner.ListAsync(prefix, cancellation);

        public async ValueTask<ControlValue?> CompareAndSetAsync(
            string key, long expectedVersion, string json, CancellationToken cancellation)
        {
            var written = await inner.CompareAndSetAsync(key, expectedVersion, json, cancellation);
            if (!LosesNextAnswer) return written;
            LosesNextAnswer = false;
            throw new ControlPlaneException("the answer was lost");
        }

        public ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation) =>
            inner.DeleteAsync(key, expectedVersion, cancellation);

        public IAsyncEnumerable<ControlView> WatchAsync(string prefix, CancellationToken cancellation) =>
            inner.WatchAsync(prefix, cancellation);

        public ValueTask<IControlPresence?> AnnounceAsync(
            string key, string json, TimeSpan timeToLive, CancellationToken cancellation) =>
            inner.AnnounceAsync(key, json, timeToLive, cancellation);
    }
}
