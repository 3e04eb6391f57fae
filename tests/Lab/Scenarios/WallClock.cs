namespace Gateway.Lab.Scenarios;

/// <summary>The wall clock of processes that are started with its environment, to be set while they run.</summary>
internal sealed class WallClock
{
    private readonly string _file;

    /// <param name="library">Made by <see cref="Build"/>.</param>
    /// <param name="file">Made here.</param>
    public WallClock(string library, string file)
    {
        _file = file;
        Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["LAB_WALL_CLOCK"] = file };
        Ahead = TimeSpan.Zero;
    }

    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>How far it is ahead of the machine's, in whole seconds; behind when negative.</summary>
    public TimeSpan Ahead
    {
        set
        {
            // In place: the processes have it mapped.
            using var handle = File.OpenHandle(_file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(handle, BitConverter.GetBytes((long)value.TotalSeconds), 0);
        }
    }

    public static string Build(LabDirectory directory)
    {
        var library = directory["wallclock.so"];
        HostCommand.Run(
            "gcc", "-O2", "-Wall", "-Werror", "-fPIC", "-shared", "-o", library, Path.Combine(LabRun.Repository, "tests/Lab/Scenarios/wallclock.c"));
        return library;
    }
}
