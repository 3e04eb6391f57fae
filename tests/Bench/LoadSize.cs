namespace Gateway.Bench;

/// <summary>How much one round does.</summary>
/// <param name="Mebibytes">Size of the large file.</param>
/// <param name="Files">Small files; also the number of random reads, and twice the number of random writes.</param>
/// <param name="Depth">Calls under way.</param>
internal sealed record LoadSize(int Mebibytes, int Files, int Depth)
{
    /// <summary>Transaction ids that a round may take up; a call takes 256.</summary>
    public uint XidsPerRound => unchecked((uint)(Mebibytes * 2 + Files * 9 + 1000) << 8);
}
