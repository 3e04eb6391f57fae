namespace Gateway.Lab.Scenarios.Histories;

/// <summary>What a client asked of one file or name.</summary>
internal enum FileVerb
{
    /// <summary>Register: the value that the whole block holds.</summary>
    Read,

    /// <summary>Register: the whole block, with a value that no other write has.</summary>
    Write,

    /// <summary>Log: how many records there are.</summary>
    Count,

    /// <summary>Log: the record of that number, behind all before it.</summary>
    Append,

    /// <summary>Name: whether it is there.</summary>
    Look,

    /// <summary>Name: made, and refused when it is there.</summary>
    Create,

    /// <summary>Name: removed, and refused when it is not there.</summary>
    Remove,
}

/// <param name="Verb">What.</param>
/// <param name="Value">Of a write or an append; 0 otherwise.</param>
/// <param name="Client">Who asked; for those who read the history.</param>
internal sealed record FileRequest(FileVerb Verb, long Value, string Client)
{
    /// <summary>How it went to whom; for those who read the history.</summary>
    public string Way { get; init; } = "";
}
