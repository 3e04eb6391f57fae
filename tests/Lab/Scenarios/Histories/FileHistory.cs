using System.Globalization;
using System.Text;
using Gateway.Linearizability;

namespace Gateway.Lab.Scenarios.Histories;

/// <summary>Everything that all clients asked of one file, and whether one file can have answered that.</summary>
internal sealed class FileHistory
{
    private const int PrintedMax = 400;

    private readonly ISequentialModel<long, FileRequest, long> _model;
    private readonly List<Operation<FileRequest, long>> _operations;

    /// <param name="file">Its first letter says what it is: <see cref="ScenarioFiles"/>.</param>
    /// <param name="operations">In any order.</param>
    public FileHistory(string file, IEnumerable<Operation<FileRequest, long>> operations)
    {
        File = file;
        _model = ScenarioFiles.ModelOf(file);
        _operations = [.. operations.OrderBy(operation => operation.Call)];
    }

    public string File { get; }

    public IReadOnlyList<Operation<FileRequest, long>> Operations => _operations;

    /// <summary>The histories of all files in what clients recorded.</summary>
    public static IReadOnlyList<FileHistory> Of(IEnumerable<ClientRecord> records) =>
        [.. records.SelectMany(record => record.Operations).GroupBy(one => one.File, one => one.Operation)
            .Select(group => new FileHistory(group.Key, group)).OrderBy(history => history.File, StringComparer.Ordinal)];

    /// <summary>Nothing acknowledged is missing, nothing was read that was not written, nothing was seen and gone again.</summary>
    public bool IsLinearizable() => LinearizabilityCheck.Accepts(_model, Relevant());

    /// <summary>One line an operation, in milliseconds since the first.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var first = _operations.Count == 0 ? 0 : _operations[0].Call;
        text.AppendLine(CultureInfo.InvariantCulture, $"{File}: {_operations.Count} operations");
        foreach (var operation in _operations.TakeLast(PrintedMax))
        {
            var answer = operation.Return == Operation<FileRequest, long>.Unknown
                ? "no answer"
                : string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(operation.Return - first):F1} = {operation.Result}");
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {Milliseconds(operation.Call - first):F1} {operation.Request.Client} {operation.Request.Verb} {operation.Request.Value}: {answer} {operation.Request.Way}");
        }

        return text.ToString();
    }

    private static double Milliseconds(long ticks) => ticks * 1e3 / System.Diagnostics.Stopwatch.Frequency;

    // A write without an answer whose value nobody read explains nothing: an order without it is as good, and shorter to find.
    private List<Operation<FileRequest, long>> Relevant()
    {
        var seen = _operations.Where(operation => operation.Request.Verb == FileVerb.Read).Select(operation => operation.Result).ToHashSet();
        return
        [
            .. _operations.Where(operation => operation.Return != Operation<FileRequest, long>.Unknown
                || operation.Request.Verb != FileVerb.Write || seen.Contains(operation.Request.Value)),
        ];
    }
}
