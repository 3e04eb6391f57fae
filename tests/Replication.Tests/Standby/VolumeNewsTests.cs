using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Gateway.Replication.Control;
using Gateway.Replication.Quorum;
using Gateway.Replication.Standby;
using Gateway.Replication.Tests.Owner;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Standby;

public sealed class VolumeNewsTests
{
    /// <summary>While it is read who is there, another watch brings what was known already: that must not hide it.</summary>
    [Test]
    public async Task What_is_heard_at_the_same_time_is_all_kept()
    {
        var record = VolumeRecord.Of(new Guid(1, 2, 3, new byte[8]), [new VolumeMember("n1", 0)], "here", 2000);
        using var control = new MeetingControl();
        await using var news = new VolumeNews(
            control, "files", record, TimeProvider.System, NullLogger.Instance, control.Noted.Set);
        await TestCluster.UntilAsync(() => control.Told.IsCompleted, "both were told");
        await TestCluster.UntilAsync(() => news.Owner?.Gateway == "gw1", "the owner is known", seconds: 10);
    }

    /// <summary>Tells who is there, and in the middle of that being read, that there is no placement.</summary>
    private sealed class MeetingControl : IControlPlane, IDisposable
    {
        private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Noted { get; } = new();

        public Task Told => _told.Task;

        public async IAsyncEnumerable<ControlView> WatchAsync(
            string prefix, [EnumeratorCancellation] CancellationToken cancellation)
        {
            if (prefix == VolumeKeys.Alive)
            {
                yield return new ControlView(new Owners(this));
                _told.TrySetResult();
            }
            else if (prefix == VolumeKeys.PlacementOf("files"))
            {
                await _reading.Task.WaitAsync(cancellation);
                yield return new ControlView(new Dictionary<string, ControlValue>());
            }

            await Task.Delay(Timeout.Infinite, cancellation);
        }

        public ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation) => new((ControlValue?)null);

        public ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation) =>
            new(new ControlView(new Dictionary<string, ControlValue>()));

        public ValueTask<ControlValue?> CompareAndSetAsync(
            string key, long expectedVersion, string json, CancellationToken cancellation) => new((ControlValue?)null);

        public ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation) => new(false);

        public ValueTask<IControlPresence?> AnnounceAsync(
            string key, string json, TimeSpan timeToLive, CancellationToken cancellation) => new((IControlPresence?)null);

        public void Dispose() => Noted.Dispose();

        // Values that are read only after the other watch was noted.
        private sealed class Owners(MeetingControl control) : IReadOnlyDictionary<string, ControlValue>
        {
            private readonly Dictionary<string, ControlValue> _values = new()
            {
                [VolumeKeys.OwnerOf("files")] = new ControlValue(1, ControlJson.Write(new OwnerPresence("gw1", 1, []))),
            };

            public IEnumerable<string> Keys => _values.Keys;

            public IEnumerable<ControlValue> Values => _values.Values;

            public int Count => _values.Count;

            public ControlValue this[string key] => _values[key];

            public bool ContainsKey(string key) => _values.ContainsKey(key);

            public bool TryGetValue(string key, [MaybeNullWhen(false)] out ControlValue value) =>
                _values.TryGetValue(key, out value);

            public IEnumerator<KeyValuePair<string, ControlValue>> GetEnumerator()
            {
                control._reading.TrySetResult();
                Assert.That(control.Noted.Wait(TimeSpan.FromSeconds(30)), "the other watch is noted");
                return _values.GetEnumerator();
            }

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }
}
