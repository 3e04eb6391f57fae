namespace Gateway.Replication.Tests;

public sealed class WorkQueueTests
{
    private WorkQueue<int> _queue = null!;

    [SetUp]
    public void SetUp() => _queue = new WorkQueue<int>(2);

    [Test]
    public void Work_is_taken_in_the_order_it_was_posted()
    {
        Assert.That(_queue.TryPost(1) && _queue.TryPost(2));
        Assert.That(_queue.Wait());
        Assert.That(_queue.TryTake(out var first) && first == 1);
        Assert.That(_queue.TryTake(out var second) && second == 2);
        Assert.That(_queue.TryTake(out _), Is.False);
    }

    [Test]
    public void A_full_queue_takes_nothing()
    {
        Assert.That(_queue.TryPost(1) && _queue.TryPost(2));
        Assert.That(_queue.TryPost(3), Is.False);
        _queue.TryTake(out _);
        Assert.That(_queue.TryPost(3));
    }

    [Test]
    public async Task Posters_wait_for_room()
    {
        Assert.That(_queue.TryPost(1) && _queue.TryPost(2));
        var posters = new[] { _queue.PostAsync(3, default).AsTask(), _queue.PostAsync(4, default).AsTask() };
        Assert.That(posters.Any(poster => poster.IsCompleted), Is.False);

        _queue.TryTake(out _);
        await Task.WhenAny(posters);
        _queue.TryTake(out _);
        Assert.That(await Task.WhenAll(posters), Is.All.True);
        Assert.That(_queue.TryTake(out var third) && _queue.TryTake(out var fourth) && third + fourth == 7);
    }

    [Test]
    public async Task A_poster_may_give_up()
    {
        Assert.That(_queue.TryPost(1) && _queue.TryPost(2));
        using var stop = new CancellationTokenSource();
        var poster = _queue.PostAsync(3, stop.Token).AsTask();
        await stop.CancelAsync();
        Assert.That(async () => await poster, Throws.InstanceOf<OperationCanceledException>());

        _queue.TryTake(out _);
        _queue.TryTake(out _);
        Assert.That(_queue.TryTake(out _), Is.False, "what was given up is not there");
    }

    [Test]
    public async Task A_sleeping_thread_is_woken_by_work_and_by_the_end()
    {
        var taken = new List<int>();
        var thread = Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
        for (var item = 0; item < 1000; item++) Assert.That(await _queue.PostAsync(item, default));
        _queue.Close();
        await thread.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(taken, Is.EqualTo(Enumerable.Range(0, 1000)));

        void Run()
        {
            while (_queue.Wait())
            {
                while (_queue.TryTake(out var item)) taken.Add(item);
            }
        }
    }

    [Test]
    public async Task All_sleeping_threads_share_the_work_and_end()
    {
        var taken = 0;
        var threads = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning)).ToArray();
        for (var item = 0; item < 1000; item++) await _queue.PostAsync(1, default);
        _queue.Close();
        await Task.WhenAll(threads).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(taken, Is.EqualTo(1000));

        void Run()
        {
            while (_queue.Wait())
            {
                if (_queue.TryTake(out var item)) Interlocked.Add(ref taken, item);
            }
        }
    }

    [Test]
    public void A_tick_without_work_is_no_end()
    {
        Assert.That(_queue.Wait(TimeSpan.FromMilliseconds(1)));
        Assert.That(_queue.TryTake(out _), Is.False);
    }

    [Test]
    public async Task A_closed_queue_takes_nothing_and_gives_what_it_has()
    {
        Assert.That(_queue.TryPost(1) && _queue.TryPost(2));
        var waiting = _queue.PostAsync(3, default).AsTask();
        _queue.Close();
        Assert.That(await waiting, Is.False);
        Assert.That(_queue.TryPost(4), Is.False);
        Assert.That(_queue.Wait() && _queue.TryTake(out _) && _queue.TryTake(out _));
        Assert.That(_queue.Wait(), Is.False);
        Assert.That(_queue.Wait(TimeSpan.FromDays(1)), Is.False);
    }
}
