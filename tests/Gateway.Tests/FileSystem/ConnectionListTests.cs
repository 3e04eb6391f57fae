using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

public sealed class ConnectionListTests : TreeFixture
{
    [Test]
    public async Task The_next_owner_finds_what_was_put_and_not_removed()
    {
        await Tree.Connections.ChangeAsync([Name(1), Name(2), Name(3)], []);
        Assert.That(await Tree.Connections.ChangeAsync([Name(4)], [Name(2), Name(9)]), Is.EqualTo(FileStatus.Ok));
        await CloseTreeAsync();
        await ReopenAsync();
        Assert.That(Tree.Connections.List(), Is.EqualTo(new[] { Name(1), Name(3), Name(4) }));
    }

    [Test]
    public void A_change_is_bounded()
    {
        var many = Enumerable.Range(0, ConnectionList.ChangesMax + 1).Select(Name).ToList();
        Assert.That(async () => await Tree.Connections.ChangeAsync(many, []), Throws.ArgumentException);
        Assert.That(async () => await Tree.Connections.ChangeAsync([new byte[35]], []), Throws.ArgumentException);
        Assert.That(async () => await Tree.Connections.ChangeAsync([], [new byte[37]]), Throws.ArgumentException);
    }

    private static byte[] Name(int number)
    {
        var name = new byte[ConnectionList.NameBytes];
        BitConverter.TryWriteBytes(name.AsSpan(32), System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(number));
        return name;
    }
}
