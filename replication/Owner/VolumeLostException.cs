namespace Gateway.Replication.Owner;

/// <summary>
/// The volume cannot be owned by this process: another owner has it, or what is known of it contradicts itself.
/// </summary>
public sealed class VolumeLostException(string message) : Exception(message)
{
    /// <summary>Committed entries are missing, or histories contradict each other: trying again will not mend that.</summary>
    public bool NeedsPerson { get; init; }
}
