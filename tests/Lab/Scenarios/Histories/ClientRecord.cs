using Gateway.Linearizability;

namespace Gateway.Lab.Scenarios.Histories;

/// <summary>What one client asked and heard, by file. For one thread; read when it has ended.</summary>
/// <param name="client">Its name in the histories.</param>
/// <param name="way">How the request that is recorded next went to whom.</param>
internal sealed class ClientRecord(string client, Func<string> way)
{
    private readonly List<(string File, Operation<FileRequest, long> Operation)> _operations = [];

    private int _acknowledged;

    public IReadOnlyList<(string File, Operation<FileRequest, long> Operation)> Operations => _operations;

    /// <summary>Its name in the histories.</summary>
    public string Client => client;

    /// <summary>May be asked while it works.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public int Unanswered => _operations.Count - Acknowledged;

    /// <param name="file">File or name.</param>
    /// <param name="call">When the request left.</param>
    /// <param name="answer">When the answer came.</param>
    /// <param name="verb">What was asked.</param>
    /// <param name="value">The value written.</param>
    /// <param name="result">The value read.</param>
    public void Answered(string file, long call, long answer, FileVerb verb, long value, long result = 0)
    {
        Interlocked.Increment(ref _acknowledged);
        _operations.Add((file, new(call, answer, new FileRequest(verb, value, client) { Way = way() }, result)));
    }

    /// <summary>A change that may happen at any time, or never.</summary>
    public void NotAnswered(string file, long call, FileVerb verb, long value) =>
        _operations.Add((file, new(call, Operation<FileRequest, long>.Unknown, new FileRequest(verb, value, client) { Way = way() }, 0)));
}
