namespace Gateway.Users;

/// <summary>A user to be added. What is not given is chosen: the next free uid, and the group of the team (ADR 11).</summary>
internal sealed record NewUser(string Name, string Password)
{
    public uint? Uid { get; init; }

    public uint? Gid { get; init; }

    public IReadOnlyList<uint> Groups { get; init; } = [];

    public override string ToString() => Name;
}
