using Gateway.Linearizability;

namespace Gateway.Lab.Scenarios.Histories;

/// <summary>A block that is written and read as a whole; the state is its value, 0 before the first write.</summary>
internal sealed class RegisterModel : ISequentialModel<long, FileRequest, long>
{
    public long Initial => 0;

    public bool TryStep(long state, FileRequest request, long result, bool isKnown, out long next)
    {
        next = request.Verb == FileVerb.Write ? request.Value : state;
        return request.Verb == FileVerb.Write || !isKnown || result == state;
    }
}

/// <summary>A file that one client appends records to; the state is how many there are.</summary>
internal sealed class LogModel : ISequentialModel<long, FileRequest, long>
{
    public long Initial => 0;

    public bool TryStep(long state, FileRequest request, long result, bool isKnown, out long next)
    {
        next = state;
        if (request.Verb == FileVerb.Count) return !isKnown || result == state;

        // Written at its own place: without those before it would leave a hole, and once more it changes nothing.
        if (request.Value == state) next = state + 1;
        return request.Value <= state || !isKnown;
    }
}

/// <summary>A name in a directory; the state is 1 when it is there, and a result is 1 when the request was not refused.</summary>
internal sealed class NameModel : ISequentialModel<long, FileRequest, long>
{
    public long Initial => 0;

    public bool TryStep(long state, FileRequest request, long result, bool isKnown, out long next)
    {
        var succeeds = request.Verb == FileVerb.Create ? state == 0 : state == 1;
        next = succeeds && request.Verb != FileVerb.Look ? 1 - state : state;
        return !isKnown || result == (succeeds ? 1 : 0);
    }
}
