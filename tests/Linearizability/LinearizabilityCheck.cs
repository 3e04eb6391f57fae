namespace Gateway.Linearizability;

/// <summary>
/// Decides whether a history is linearizable: whether there is an order of the operations that respects real time and
/// that the sequential model could have answered. Wing and Gong's search with Lowe's memory of visited configurations.
/// </summary>
/// <remarks>
/// Exponential at worst, quick on histories of working systems. Partition by object (directory, file) before. The
/// states of the model must compare by value.
/// </remarks>
public static class LinearizabilityCheck
{
    public static bool Accepts<TState, TRequest, TResult>(
        ISequentialModel<TState, TRequest, TResult> model, IReadOnlyList<Operation<TRequest, TResult>> history)
        where TState : notnull
    {
        var events = new EventList<TRequest, TResult>(history);
        var taken = new TakenSet(history.Count);
        var visited = new HashSet<(TakenSet, TState)>();
        var stack = new Stack<(int Event, TState Before)>();
        var state = model.Initial;
        var open = history.Count(operation => operation.Return != Operation<TRequest, TResult>.Unknown);

        var at = events.First;
        while (open > 0)
        {
            // An operation that was called and has not returned by now may come next in the order.
            if (events.IsCall(at))
            {
                var id = events.OperationOf(at);
                var operation = history[id];
                var isKnown = operation.Return != Operation<TRequest, TResult>.Unknown;
                if (model.TryStep(state, operation.Request, operation.Result, isKnown, out var next)
                    && visited.Add((taken.With(id), next)))
                {
                    stack.Push((at, state));
                    (state, taken) = (next, taken.With(id));
                    if (isKnown) open--;
                    events.Remove(at);
                    at = events.First;
                }
                else
                {
                    at = events.Next(at);
                }

                continue;
            }

            // A return stands in the way: its operation had to be ordered before. Take back the last choice.
            if (stack.Count == 0) return false;

            (at, state) = stack.Pop();
            var undone = events.OperationOf(at);
            taken = taken.Without(undone);
            if (history[undone].Return != Operation<TRequest, TResult>.Unknown) open++;
            events.Restore(at);
            at = events.Next(at);
        }

        return true;
    }
}
