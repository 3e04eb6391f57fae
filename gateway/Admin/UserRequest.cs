using System.Text.Json.Serialization;

namespace Gateway.Admin;

/// <summary>What <c>nasgate user</c> asks of a gateway.</summary>
internal sealed record UserRequest : ITimedRequest
{
    public required UserAction Action { get; init; }

    /// <summary>Empty for the list.</summary>
    public string Name { get; init; } = "";

    public string? Password { get; init; }

    public uint? Uid { get; init; }

    public uint? Gid { get; init; }

    public IReadOnlyList<uint> Groups { get; init; } = [];

    /// <summary>Seconds since 1970: a request recorded today does nothing tomorrow.</summary>
    public long IssuedAt { get; init; }

    // The compiler would print the password too.
    public override string ToString() => $"{Action} {Name}";
}

/// <summary>What is to happen to a user.</summary>
internal enum UserAction
{
    List,
    Add,
    SetPassword,
    Remove,
    Disable,
    Enable,
}

/// <summary>What came of it: the users concerned, or one line for the administrator.</summary>
internal sealed record UserAnswer(string? Problem, IReadOnlyList<UserReport> Users);

/// <summary>A user as <c>nasgate user list --json</c> prints it; others script against the names.</summary>
internal sealed record UserReport(string Name, uint Uid, uint Gid, IReadOnlyList<uint> Groups, bool Disabled);

[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(IReadOnlyList<UserReport>))]
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true)]
internal sealed partial class UserRequestJson : JsonSerializerContext;
