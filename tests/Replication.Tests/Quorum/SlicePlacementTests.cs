using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Quorum;

public sealed class SlicePlacementTests
{
    // Members with witnesses in small letters; nodes that have the slice; whether it is durable.
    [TestCase("A", "A", true)]
    [TestCase("AB", "A", false)]
    [TestCase("ABC", "AB", true)]
    [TestCase("ABC", "A", false)]
    [TestCase("ABc", "AB", true)]
    [TestCase("ABc", "A", false)]
    [TestCase("ABc", "Ac", false)]
    [TestCase("ABCde", "ABC", true)]
    [TestCase("ABCde", "ABde", false)]
    public void W_nodes_make_a_slice_durable(string members, string holders, bool durable)
    {
        var placement = new SlicePlacement(Record(members, null));
        Assert.That(placement.IsDurable(node => holders.Contains(node)), Is.EqualTo(durable));
        Assert.That(placement.HasWitness, Is.EqualTo(members.Any(char.IsLower)));
        Assert.That(placement.Nodes, Is.EqualTo(members.Where(char.IsUpper).Select(node => $"{node}")));
    }

    [TestCase("ABC", "CDE", "AB", false)]
    [TestCase("ABC", "CDE", "ACD", true)]
    [TestCase("ABC", "CDE", "DE", false)]
    [TestCase("ABC", "ABd", "AB", true)]
    [TestCase("A", "ABC", "A", false)]
    [TestCase("A", "ABC", "AB", true)]
    public void A_change_needs_W_of_both(string members, string newMembers, string holders, bool durable)
    {
        var placement = new SlicePlacement(Record(members, newMembers));
        Assert.That(placement.IsDurable(node => holders.Contains(node)), Is.EqualTo(durable));
    }

    [TestCase(1, 1, true)]
    [TestCase(2, 1, true)]
    [TestCase(3, 2, true)]
    [TestCase(3, 1, false)]
    [TestCase(5, 3, true)]
    [TestCase(5, 2, false)]
    public void Slices_survive_what_the_journal_survives(int members, int dataMembers, bool sound) =>
        Assert.That(QuorumRule.HasEnoughData(members, dataMembers), Is.EqualTo(sound));

    private static VolumeRecord Record(string members, string? newMembers) => new()
    {
        VolumeId = Guid.Empty,
        Epoch = 1,
        OwnerId = 1,
        OwnerAddress = "",
        ConfigGeneration = 1,
        Members = Members(members),
        NewMembers = newMembers is null ? null : Members(newMembers),
        LeaseMilliseconds = 2000,
    };

    private static VolumeMember[] Members(string names) =>
        [.. names.Select(name => new VolumeMember($"{name}", 1) { Witness = char.IsLower(name) })];
}
