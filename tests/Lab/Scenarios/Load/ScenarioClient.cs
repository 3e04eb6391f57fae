using Gateway.Lab.Scenarios.Histories;
using Gateway.Protocol.Smb2;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>One client that asks one thing after another on a thread of its own, and records what it was told.</summary>
internal abstract class ScenarioClient : LoadClient
{
    private const int PauseMillisecondsMax = 12;

    private readonly Random _random;
    private long _writes;

    protected ScenarioClient(int number, string name, int seed)
        : base(name)
    {
        Number = number;
        Record = new ClientRecord(name, () => Way);
        _random = new Random(seed);
    }

    /// <summary>To be read after <see cref="LoadClient.Stop"/>.</summary>
    public ClientRecord Record { get; }

    /// <summary>What it was refused, and how often.</summary>
    public virtual IReadOnlyDictionary<NtStatus, int> Refusals { get; } = new Dictionary<NtStatus, int>();

    protected int Number { get; }

    /// <summary>How the last request went to whom.</summary>
    protected virtual string Way => "";

    /// <summary>Records in its log that were acknowledged.</summary>
    protected long Appended { get; set; }

    /// <summary>Reads all there is, on the caller's thread, in place of <see cref="LoadClient.Start"/>.</summary>
    public void ReadEverything()
    {
        foreach (var register in ScenarioFiles.Registers) Read(register);
        for (var client = 0; client < ScenarioLoad.Clients; client++) Count(ScenarioFiles.LogOf(client));
        foreach (var name in ScenarioFiles.Names) Do(FileVerb.Look, name);
    }

    protected abstract void Read(string register);

    protected abstract void Write(string register, long value);

    protected abstract void Count(string log);

    /// <summary>Adds the record with the number <see cref="Appended"/> to this client's log.</summary>
    protected abstract void Append();

    /// <summary>Asks for, makes or removes a name.</summary>
    protected abstract void Do(FileVerb verb, string name);

    protected override void Work()
    {
        while (!Stopping.IsCancellationRequested)
        {
            Step();
            Stopping.WaitHandle.WaitOne(_random.Next(PauseMillisecondsMax));
        }
    }

    private void Step()
    {
        var register = ScenarioFiles.Registers[_random.Next(ScenarioFiles.Registers.Count)];
        var name = ScenarioFiles.Names[_random.Next(ScenarioFiles.Names.Count)];
        switch (_random.Next(10))
        {
            case < 3:
                Write(register, ((long)(Number + 1) << 32) | ++_writes);
                break;
            case < 6:
                Read(register);
                break;
            case 6 when Appended < ScenarioFiles.RecordsMax:
                Append();
                break;
            case 7:
                Count(ScenarioFiles.LogOf(_random.Next(ScenarioLoad.Clients)));
                break;
            default:
                Do((FileVerb)_random.Next((int)FileVerb.Look, (int)FileVerb.Remove + 1), name);
                break;
        }
    }
}
