namespace Gateway.Bench;

/// <summary>What the product has promised: a ratio to a peer that a phase reaches.</summary>
internal static class Mark
{
    public const string GlusterName = "gluster3";
    public const string GaneshaName = "ganesha";

    /// <summary>Least ratio to <paramref name="peer"/>, or null where nothing is promised.</summary>
    public static double? Of(string peer, Phase phase) => (peer, phase) switch
    {
        (GlusterName, Phase.Create or Phase.SmallWriteSync or Phase.Remove or Phase.Lookup) => 5,
        (GlusterName, Phase.SequentialWrite) => 1.3,
        (GlusterName, _) => 1,
        (GaneshaName, Phase.Create or Phase.SmallWriteSync or Phase.Remove) => 0.5,
        (GaneshaName, Phase.Lookup or Phase.GetAttr or Phase.SmallRead) => 1,
        _ => null,
    };
}
