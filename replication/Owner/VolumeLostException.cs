namespace Gateway.Replication.Owner;

/// <summary>
/// The volume cannot be owned by this process: another owner has it, or what is known of it contradicts itself.
/// </summary>
public sealed class VolumeLostException(string message) : Exception(message);
