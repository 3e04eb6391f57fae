using Gateway.Linearizability;

namespace Gateway.Simulation.Linearizability;

public sealed class LinearizabilityCheckTest
{
    private const long Unknown = Operation<string, string>.Unknown;

    [Test]
    public void A_remove_that_finds_nothing_of_its_own_creation_is_rejected() => Assert.That(
        Accepts(Op(0, 1, "create a", "OK"), Op(2, 9, "remove a", "ENOENT")), Is.False, "A retransmission ran twice.");

    [Test]
    public void Overlapping_operations_may_take_any_order()
    {
        Assert.That(Accepts(Op(0, 5, "create a", "OK"), Op(1, 4, "lookup a", "OK")));
        Assert.That(Accepts(Op(0, 5, "create a", "OK"), Op(1, 4, "lookup a", "ENOENT")));
        Assert.That(Accepts(Op(0, 2, "create a", "OK"), Op(3, 4, "lookup a", "ENOENT")), Is.False, "A stale read.");
    }

    [Test]
    public void A_value_once_read_stays_read() => Assert.That(
        Accepts(Op(0, 9, "create a", "OK"), Op(1, 2, "lookup a", "OK"), Op(3, 4, "lookup a", "ENOENT")), Is.False);

    [Test]
    public void An_unknown_outcome_happens_late_or_never()
    {
        Assert.That(
            Accepts(Op(0, Unknown, "create a", null), Op(5, 6, "lookup a", "ENOENT"), Op(7, 8, "lookup a", "OK")));
        Assert.That(Accepts(Op(0, Unknown, "create a", null), Op(5, 6, "lookup a", "ENOENT")));
        Assert.That(
            Accepts(Op(0, Unknown, "create a", null), Op(5, 6, "lookup a", "OK"), Op(7, 8, "lookup a", "ENOENT")),
            Is.False);
    }

    [Test]
    public void Histories_of_a_real_directory_are_accepted_and_one_wrong_answer_is_not()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var history = Generate(new Random(seed), clients: 6, operations: 400);
            Assert.That(LinearizabilityCheck.Accepts(new Directory(), history), $"seed {seed}");

            // The first lookup is made to see what was never there.
            var wrong = history.Select(op => op).ToList();
            wrong.Add(new(long.MaxValue - 10, long.MaxValue - 9, "lookup never", "OK"));
            Assert.That(LinearizabilityCheck.Accepts(new Directory(), wrong), Is.False, $"seed {seed}");
        }
    }

    private static Operation<string, string> Op(long call, long answer, string request, string? result) =>
        new(call, answer, request, result);

    private static bool Accepts(params Operation<string, string>[] history) =>
        LinearizabilityCheck.Accepts(new Directory(), history);

    // Runs the model itself: each operation takes effect at its moment, and is called before and answered after it.
    private static List<Operation<string, string>> Generate(Random random, int clients, int operations)
    {
        var model = new Directory();
        var state = model.Initial;
        var free = new long[clients];
        var history = new List<Operation<string, string>>();
        for (var moment = 100L; history.Count < operations; moment += 10)
        {
            var client = random.Next(clients);
            if (free[client] > moment) continue;

            var verb = new[] { "create", "remove", "lookup" }[random.Next(3)];
            var request = $"{verb} {(char)('a' + random.Next(4))}";
            var result = Directory.Answer(state, request);
            model.TryStep(state, request, result, isKnown: true, out state);
            var answer = moment + 1 + random.Next(60);
            history.Add(Op(Math.Max(free[client], moment - random.Next(60)), answer, request, result));
            free[client] = answer + 1;
        }

        return history;
    }

    /// <summary>The names in a directory, as a sorted string.</summary>
    private sealed class Directory : ISequentialModel<string, string, string>
    {
        public string Initial => "";

        public static string Answer(string state, string request)
        {
            var there = state.Contains($"/{request[7..]}/", StringComparison.Ordinal);
            return request.StartsWith("create", StringComparison.Ordinal)
                ? there ? "EEXIST" : "OK"
                : there ? "OK" : "ENOENT";
        }

        private static string Sorted(string state, string name) => string.Concat(state
            .Split('/', StringSplitOptions.RemoveEmptyEntries).Select(part => $"/{part}/").Append(name)
            .Order(StringComparer.Ordinal));

        public bool TryStep(string state, string request, string? result, bool isKnown, out string next)
        {
            var name = $"/{request[7..]}/";
            var answer = Answer(state, request);
            next = state;
            if (isKnown && answer != result) return false;
            if (answer != "OK") return true;

            if (request.StartsWith("create", StringComparison.Ordinal)) next = Sorted(state, name);
            if (request.StartsWith("remove", StringComparison.Ordinal))
                next = state.Replace(name, "", StringComparison.Ordinal);
            return true;
        }
    }
}
