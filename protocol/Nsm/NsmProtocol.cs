namespace Gateway.Protocol.Nsm;

/// <summary>Numbers and bounds of the Network Status Monitor version 1, XNFS chapter 11.</summary>
public static class NsmProtocol
{
    public const uint Program = 100024;

    public const uint Version = 1;

    /// <summary>SM_MAXSTRLEN, bytes.</summary>
    public const int NameBytesMax = 1024;

    /// <summary>priv, bytes.</summary>
    public const int PrivateBytes = 16;
}

/// <summary>Procedures, XNFS §11.3.</summary>
public enum NsmProcedure : uint
{
    Null = 0,
    Stat = 1,
    Monitor = 2,
    Unmonitor = 3,
    UnmonitorAll = 4,
    SimulateCrash = 5,
    Notify = 6,
}

/// <summary>res, XNFS §11.2.</summary>
public enum NsmOutcome : uint
{
    Success = 0,
    Failure = 1,
}
