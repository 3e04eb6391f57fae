namespace Gateway.Linearizability;

/// <summary>
/// One operation of a client as it saw it: when it asked, when it heard, and what. Times are of one clock, in any unit.
/// </summary>
/// <param name="Call">When the request left.</param>
/// <param name="Return">When the answer came; <see cref="Unknown"/> when none did: the operation may take effect
/// at any later time, or never.</param>
public sealed record Operation<TRequest, TResult>(long Call, long Return, TRequest Request, TResult? Result)
{
    /// <summary><see cref="Return"/> of an operation whose outcome the client does not know.</summary>
    public const long Unknown = long.MaxValue;
}

/// <summary>A sequential object: what one operation after another would do.</summary>
public interface ISequentialModel<TState, TRequest, TResult>
    where TState : notnull
{
    TState Initial { get; }

    /// <summary>
    /// The state after the operation, when it may answer that; false when it cannot. <paramref name="isKnown"/> is
    /// false for an operation without an answer, which may answer anything.
    /// </summary>
    bool TryStep(TState state, TRequest request, TResult? result, bool isKnown, out TState next);
}
