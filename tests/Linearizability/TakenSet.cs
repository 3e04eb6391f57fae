namespace Gateway.Linearizability;

/// <summary>A set of operations, compared by value.</summary>
internal readonly struct TakenSet : IEquatable<TakenSet>
{
    private readonly ulong[] _words;

    public TakenSet(int operations) => _words = new ulong[(operations + 63) / 64];

    private TakenSet(ulong[] words) => _words = words;

    public TakenSet With(int operation) => Flip(operation);

    public TakenSet Without(int operation) => Flip(operation);

    public bool Equals(TakenSet other) => _words.AsSpan().SequenceEqual(other._words);

    public override bool Equals(object? obj) => obj is TakenSet other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var word in _words) hash.Add(word);
        return hash.ToHashCode();
    }

    private TakenSet Flip(int operation)
    {
        var words = (ulong[])_words.Clone();
        words[operation >> 6] ^= 1UL << (operation & 63);
        return new TakenSet(words);
    }
}
