using Spectre.Console;

namespace Gateway.Cli;

/// <summary>Where reports are printed.</summary>
internal static class Terminal
{
    /// <summary>Wider than any line of a report: what reads a pipe wants lines as they are.</summary>
    private const int UnwrappedColumns = 1000;

    /// <summary>Standard output: in colour on a terminal, plain and unwrapped into a file or pipe.</summary>
    public static IAnsiConsole Open(bool isRedirected, TextWriter output)
    {
        if (!isRedirected) return AnsiConsole.Console;

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = UnwrappedColumns;
        return console;
    }
}
