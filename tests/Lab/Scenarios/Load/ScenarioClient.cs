using Gateway.Lab.Scenarios.Histories;
using Gateway.Protocol.Smb2;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>One client that asks one thing after another on a thread of its own, and records what it was told.</summary>
internal abstract class ScenarioClient : IDisposable
{
    private const int PauseMillisecondsMax = 12;

    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly Random _random;
    private Exception? _failure;

    protected ScenarioClient(int number, string name, int seed)
    {
        Number = number;
        Record = new ClientRecord(name);
        _random = new Random(seed);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public ClientRecord Record { get; }

    /// <summary>Answers that no client may get, and what else went wrong with it.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>What went wrong below it.</summary>
    public virtual IEnumerable<string> Complaints => [];

    /// <summary>What it was refused, and how often.</summary>
    public virtual IReadOnlyDictionary<NtStatus, int> Refusals { get; } = new Dictionary<NtStatus, int>();

    protected int Number { get; }

    protected CancellationToken Stopping => _stop.Token;

    /// <summary>Records in its log that were acknowledged.</summary>
    protected long Appended { get; set; }

    private long _writes;

    public void Start() => _thread.Start();

    /// <summary>Ends it after what it does now, or without the answer when none comes; then its record may be read.</summary>
    public void Stop()
    {
        _stop.Cancel();
        if (_thread.IsAlive) _thread.Join();
        if (_failure is not null) Errors.Add($"{Record.Client} ended: {_failure}");
        _failure = null;
    }

    /// <summary>Reads all there is, on the caller's thread, in place of <see cref="Start"/>.</summary>
    public void ReadEverything()
    {
        foreach (var register in ScenarioFiles.Registers) Read(register);
        for (var client = 0; client < ScenarioLoad.Clients; client++) Count(ScenarioFiles.LogOf(client));
        foreach (var name in ScenarioFiles.Names) Do(FileVerb.Look, name);
    }

    public virtual void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    protected abstract void Read(string register);

    protected abstract void Write(string register, long value);

    protected abstract void Count(string log);

    /// <summary>Adds the record with the number <see cref="Appended"/> to this client's log.</summary>
    protected abstract void Append();

    /// <summary>Asks for, makes or removes a name.</summary>
    protected abstract void Do(FileVerb verb, string name);

    private void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                Step();
                _stop.Token.WaitHandle.WaitOne(_random.Next(PauseMillisecondsMax));
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Of this thread; the test reports it.
            _failure = failure;
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
