namespace Gateway.Users;

/// <summary>A change of the users that makes no sense, such as a name twice. The message is for the administrator.</summary>
internal sealed class UserException(string message) : Exception(message);
