using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nsm;

/// <summary>sm_stat_res, XNFS §11.2: of SM_STAT and SM_MON.</summary>
/// <remarks><code>res_stat | state int32</code></remarks>
public readonly record struct NsmStatusResult(NsmOutcome Outcome, int State)
{
    public static bool TryParse(ReadOnlySpan<byte> results, out NsmStatusResult result)
    {
        var reader = new XdrReader(results);
        result = new NsmStatusResult((NsmOutcome)reader.ReadEnum((uint)NsmOutcome.Failure), reader.ReadInt32());
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Outcome);
        writer.WriteInt32(State);
    }
}

/// <summary>sm_stat, XNFS §11.2: of SM_UNMON and SM_UNMON_ALL.</summary>
public readonly record struct NsmStateResult(int State)
{
    public static bool TryParse(ReadOnlySpan<byte> results, out NsmStateResult result)
    {
        var reader = new XdrReader(results);
        result = new NsmStateResult(reader.ReadInt32());
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer) => writer.WriteInt32(State);
}
