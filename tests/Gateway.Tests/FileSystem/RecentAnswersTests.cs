using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
internal sealed class RecentAnswersTests
{
    private const long Second = 1_000_000_000;

    private static readonly long TimeToLive = (long)RecordedReply.TimeToLive.TotalNanoseconds;

    private readonly RecentAnswers<int> _answers = new();

    [SetUp]
    public void Clear() => _answers.Clear();

    [Test]
    public void An_answer_is_found_until_it_is_too_old()
    {
        _answers.Add(1, Second, 7);
        Assert.That(_answers.Find(1, Second + TimeToLive), Is.EqualTo(7));
        Assert.That(_answers.Find(1, Second + TimeToLive + 1), Is.Null);
        Assert.That(_answers.Find(2, Second), Is.Null);
    }

    [Test]
    public void The_oldest_go_first()
    {
        for (var request = 0; request <= RecentAnswers<int>.AnswersMax; request++) _answers.Add((UInt128)request, Second, request);
        Assert.That(_answers.Count, Is.EqualTo(RecentAnswers<int>.AnswersMax));
        Assert.That(_answers.Find(0, Second), Is.Null);
        Assert.That(_answers.Find(1, Second), Is.EqualTo(1));
    }

    [Test]
    public void What_is_too_old_makes_room_and_leaves_the_same_request_answered_anew()
    {
        var later = Second + TimeToLive + 1;
        _answers.Add(1, Second, 7);
        _answers.Add(2, Second, 7);
        _answers.Add(1, later, 8);
        Assert.That(_answers.Count, Is.EqualTo(1));
        Assert.That(_answers.Find(1, later), Is.EqualTo(8));
    }

    // The queue then has the request twice.
    [Test]
    public void The_younger_of_two_answers_outlives_the_older_one()
    {
        _answers.Add(1, Second, 7);
        _answers.Add(1, 2 * Second, 8);
        _answers.Add(2, Second + TimeToLive + 1, 9);
        Assert.That(_answers.Find(1, 2 * Second + TimeToLive), Is.EqualTo(8));
    }
}
