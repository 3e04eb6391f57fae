using System.Globalization;

namespace Gateway.Lab;

/// <summary>What the checks of a guest script came to.</summary>
internal sealed class GuestReport
{
    private const int LogLinesMax = 25;

    private readonly Dictionary<string, (int Code, int Milliseconds)> _checks = [];
    private readonly Dictionary<string, string> _logs = [];
    private readonly string _end;

    private GuestReport(string end) => _end = end;

    /// <summary>Lines that begin <c>measured:</c>.</summary>
    public IReadOnlyList<string> Measured { get; private init; } = [];

    public string Output { get; private init; } = "";

    public static GuestReport Read(string work, string end, string console)
    {
        var path = Path.Combine(work, "out");
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        var report = new GuestReport(end)
        {
            Measured = [.. lines.Where(line => line.StartsWith("measured:", StringComparison.Ordinal))],
            Output = string.Join('\n', lines.TakeLast(40)) + "\n" + console,
        };
        foreach (var log in Directory.EnumerateFiles(work, "*.log"))
        {
            report._logs[Path.GetFileNameWithoutExtension(log)] =
                string.Join('\n', File.ReadLines(log).TakeLast(LogLinesMax));
        }

        foreach (var parts in lines.Select(line => line.Split(' ')))
        {
            if (parts is ["check", var name, var code, var milliseconds])
            {
                report._checks[name] = (
                    int.Parse(code, CultureInfo.InvariantCulture),
                    int.Parse(milliseconds, CultureInfo.InvariantCulture));
            }
        }

        return report;
    }

    public void AssertPassed(string check)
    {
        if (!_checks.TryGetValue(check, out var result))
            Assert.Fail($"{check} has no result; {_end}\n{Log(check)}\n{Output}");

        TestContext.Out.WriteLine($"measured: {check} took {result.Milliseconds} ms");
        Assert.That(result.Code, Is.Zero, Log(check));
    }

    private string Log(string check) => _logs.GetValueOrDefault(check, "");
}
