using System.Net;
using Gateway.Addresses;
using Gateway.Replication.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Addresses;

/// <summary>Programs of the operator, as real processes.</summary>
public sealed class VolumeHooksTests
{
    private static readonly IPAddress Address = IPAddress.Parse("10.0.0.50");
    private static readonly TimeSpan StepMax = TimeSpan.FromSeconds(60);

    private readonly ManualTime _time = new();
    private string _directory = "";

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("nasgate-hooks-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Programs_are_told_of_volumes_in_order_and_get_no_other_environment()
    {
        var program = Program("env | grep -v ^PWD= | grep -v ^OLDPWD= | grep -v ^SHLVL= | grep -v ^_= | sort | tr '\\n' ' ' >> out; echo >> out");
        await using (var hooks = Hooks(program, program))
        {
            hooks.Acquired("files", Address);
            await LinesAsync(1);
            hooks.Released("files", Address);
        }

        const string Path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ";
        Assert.That(await LinesAsync(2), Is.EqualTo(new[]
        {
            "NASGATE_ADDRESS=10.0.0.50 NASGATE_EVENT=acquire NASGATE_GATEWAY=gw1 NASGATE_VOLUME=files " + Path,
            "NASGATE_ADDRESS=10.0.0.50 NASGATE_EVENT=release NASGATE_GATEWAY=gw1 NASGATE_VOLUME=files " + Path,
        }));
    }

    [Test]
    public async Task A_program_that_fails_is_run_again_until_the_volume_is_gone()
    {
        await using var hooks = Hooks(Program("echo acquire >> out; exit 3"), Program("echo release >> out"));
        hooks.Acquired("files", Address);
        for (var runs = 1; runs <= 3; runs++) await AdvanceUntilAsync(runs);

        hooks.Released("files", Address);
        await hooks.DisposeAsync();
        Assert.That((await LinesAsync(1))[^1], Is.EqualTo("release"));
    }

    [Test]
    public async Task A_program_that_succeeds_is_run_once()
    {
        await using var hooks = Hooks(Program("echo acquire >> out"), null);
        hooks.Acquired("files", Address);
        await LinesAsync(1);
        hooks.Released("files", Address);
        hooks.Acquired("files", Address);
        Assert.That(await LinesAsync(2), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task A_volume_that_never_came_does_not_go()
    {
        await using var hooks = Hooks(null, Program("echo release >> out"));
        hooks.Released("files", Address);
        await hooks.DisposeAsync();
        Assert.That(File.Exists(Path.Combine(_directory, "out")), Is.False);
    }

    [Test]
    public async Task A_program_that_hangs_is_ended_with_what_it_started()
    {
        var program = Program("sleep 1000 & echo $! > out; wait");
        var run = HookProgram.RunAsync(program, new Dictionary<string, string?>(), _time, default);
        var child = (await LinesAsync(1))[0];
        _time.Advance(HookProgram.Timeout);
        Assert.That((await run.WaitAsync(StepMax)).Trouble, Is.EqualTo("it did not end within 10 s"));
        await PollAsync(() => !File.Exists($"/proc/{child}/cmdline") || File.ReadAllText($"/proc/{child}/cmdline").Length == 0);
    }

    [Test]
    public async Task A_program_that_cannot_be_started_is_a_failure()
    {
        var run = await HookProgram.RunAsync(Path.Combine(_directory, "none"), new Dictionary<string, string?>(), _time, default);
        Assert.That(run.Trouble, Does.StartWith("it cannot be started"));
    }

    [Test]
    public async Task Output_is_one_line_of_bounded_length()
    {
        var program = Program("printf 'one\\ntwo\\033'; head -c 100000 /dev/zero | tr '\\0' x");
        var run = await HookProgram.RunAsync(program, new Dictionary<string, string?>(), _time, default);
        Assert.That(run.Trouble, Is.Empty);
        Assert.That(run.Output, Does.StartWith("one two x").And.Length.EqualTo(HookProgram.OutputLettersMax));
    }

    private VolumeHooks Hooks(string? onAcquire, string? onRelease) =>
        new(onAcquire, onRelease, "gw1", _time, NullLogger.Instance);

    private string Program(string script)
    {
        var path = Path.Combine(_directory, $"hook{Directory.GetFiles(_directory).Length}");
        File.WriteAllText(path, $"#!/bin/sh\ncd '{_directory}'\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private async Task<string[]> LinesAsync(int count)
    {
        var path = Path.Combine(_directory, "out");
        string[] lines = [];
        await PollAsync(() => File.Exists(path) && (lines = File.ReadAllLines(path)).Length >= count);
        return lines;
    }

    private async Task AdvanceUntilAsync(int lines)
    {
        var path = Path.Combine(_directory, "out");
        await PollAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            return File.Exists(path) && File.ReadAllLines(path).Length >= lines;
        });
    }

    private static async Task PollAsync(Func<bool> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.That(TimeProvider.System.GetElapsedTime(began), Is.LessThan(StepMax), "it does not come true");
            await Task.Delay(5);
        }
    }
}
