using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>Where the process logs: everything at the chosen level to <c>DIR/logs</c>, warnings also to standard error.</summary>
internal sealed class ProcessLog : IDisposable
{
    private const int FilesKeptMax = 10;
    private const long FileBytesMax = 64 << 20;
    private const string Form = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}";

    private readonly Logger _logger;

    private ProcessLog(Logger logger)
    {
        _logger = logger;
        Factory = new SerilogLoggerFactory(logger);
    }

    public ILoggerFactory Factory { get; }

    public static ProcessLog Open(ProcessOptions options)
    {
        var directory = Path.Combine(options.DataDirectory, "logs");
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"cannot use {options.DataDirectory}: {error.Message}", error);
        }

        return new ProcessLog(new LoggerConfiguration()
            .MinimumLevel.Is(LevelConvert.ToSerilogLevel(options.LogLevel))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .WriteTo.File(
                Path.Combine(directory, "nasgate-.log"), outputTemplate: Form, formatProvider: CultureInfo.InvariantCulture,
                fileSizeLimitBytes: FileBytesMax, rollOnFileSizeLimit: true, rollingInterval: RollingInterval.Day,
                retainedFileCountLimit: FilesKeptMax)
            .WriteTo.Console(
                LogEventLevel.Warning, Form, CultureInfo.InvariantCulture, standardErrorFromLevel: LogEventLevel.Verbose)
            .CreateLogger());
    }

    public void Dispose()
    {
        Factory.Dispose();
        _logger.Dispose();
    }
}
