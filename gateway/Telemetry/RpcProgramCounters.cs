namespace Gateway.Telemetry;

/// <summary>Counts of one RPC program, by procedure. Plain counters: a request pays one interlocked addition.</summary>
internal sealed class RpcProgramCounters(string program)
{
    /// <summary>Procedures beyond are counted together in the last slot.</summary>
    private const int Procedures = 32;

    private readonly long[] _requests = new long[Procedures];
    private readonly long[] _failures = new long[Procedures];

    public string Program { get; } = program;

    public void Count(uint procedure) => Interlocked.Increment(ref _requests[Slot(procedure)]);

    public void CountFailure(uint procedure) => Interlocked.Increment(ref _failures[Slot(procedure)]);

    public long Requests(int procedure) => Volatile.Read(ref _requests[procedure]);

    public long Failures(int procedure) => Volatile.Read(ref _failures[procedure]);

    public long RequestsTotal
    {
        get
        {
            long total = 0;
            for (var i = 0; i < Procedures; i++) total += Requests(i);
            return total;
        }
    }

    public static int ProceduresMax => Procedures;

    private static int Slot(uint procedure) => (int)Math.Min(procedure, Procedures - 1);
}
