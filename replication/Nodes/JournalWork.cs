using Gateway.Replication.Journal;
using Gateway.Replication.Links;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Nodes;

/// <summary>One thing for the journal thread to do: a request of an owner, or an inspection of the log.</summary>
/// <param name="Request">The request, or null.</param>
/// <param name="RequestId">Echoed with the reply.</param>
/// <param name="Replies">Where the reply goes.</param>
/// <param name="Inspect">Looks at the log; what it returns runs after the flush, when damage it found is on record.</param>
internal readonly record struct JournalWork(
    NodeRequest? Request, ulong RequestId, IJournalReplies? Replies, Func<JournalLog, Action>? Inspect);
