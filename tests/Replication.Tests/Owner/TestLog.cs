using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Tests.Owner;

/// <summary>Shows warnings and errors with the test that caused them.</summary>
internal sealed class TestLog : ILoggerFactory, ILogger
{
    public static TestLog Instance { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) TestContext.Out.WriteLine($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}
