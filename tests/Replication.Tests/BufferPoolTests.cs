namespace Gateway.Replication.Tests;

public sealed class BufferPoolTests
{
    private const int BufferBytes = 64 << 10;

    [Test]
    public void A_returned_buffer_is_lent_again()
    {
        var pool = new BufferPool(BufferBytes, 4 * BufferBytes);
        var buffer = pool.Rent(BufferBytes - 100);
        Assert.That(buffer, Has.Length.EqualTo(BufferBytes));
        pool.Return(buffer);
        Assert.That(pool.RetainedBytes, Is.EqualTo(BufferBytes));
        Assert.That(pool.Rent(BufferBytes), Is.SameAs(buffer));
        Assert.That(pool.RetainedBytes, Is.Zero);
    }

    [Test]
    public void No_burst_leaves_more_behind_than_the_bound()
    {
        var pool = new BufferPool(BufferBytes, 4 * BufferBytes);
        var lent = Enumerable.Range(1, 400).Select(at => pool.Rent(at * 160)).ToList();
        foreach (var buffer in lent)
        {
            pool.Return(buffer);
            Assert.That(pool.RetainedBytes, Is.LessThanOrEqualTo(pool.RetainedBytesMax));
        }
    }

    /// <summary>Small ones that filled the pool once would otherwise keep large ones out for good.</summary>
    [Test]
    public void A_size_that_nobody_asks_for_makes_room_for_the_one_in_use()
    {
        var pool = new BufferPool(BufferBytes, BufferBytes);
        var small = Enumerable.Range(0, 16).Select(_ => pool.Rent(4096)).ToList();
        foreach (var buffer in small) pool.Return(buffer);
        Assert.That(pool.RetainedBytes, Is.EqualTo(BufferBytes));

        var large = pool.Rent(BufferBytes);
        pool.Return(large);
        Assert.That(pool.RetainedBytes, Is.EqualTo(BufferBytes));
        Assert.That(pool.Rent(BufferBytes), Is.SameAs(large));
    }

    [Test]
    public void Longer_buffers_than_any_size_are_not_kept()
    {
        var pool = new BufferPool(BufferBytes, 4 * BufferBytes);
        var buffer = pool.Rent(BufferBytes + 1);
        Assert.That(buffer, Has.Length.EqualTo(BufferBytes + 1));
        pool.Return(buffer);
        Assert.That(pool.RetainedBytes, Is.Zero);
    }

    [Test]
    public void A_buffer_of_another_owner_is_refused()
    {
        var pool = new BufferPool(BufferBytes, 4 * BufferBytes);
        Assert.That(() => pool.Return(new byte[5000]), Throws.TypeOf<InvariantException>());
    }
}
