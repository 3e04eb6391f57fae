using Gateway.FileSystem;
using Gateway.Nfs;
using Gateway.Protocol.Nfs3;

namespace Gateway.Tests.Nfs;

[TestFixture]
internal sealed class TimeTranslationTests
{
    [TestCase(0L, 5u, 0u, 5u)]
    [TestCase(uint.MaxValue, 999_999_999u, uint.MaxValue, 999_999_999u)]
    [TestCase(uint.MaxValue + 1L, 0u, uint.MaxValue, 999_999_999u)]
    [TestCase(15_032_385_535L, 7u, uint.MaxValue, 999_999_999u)]
    [TestCase(-1L, 999_999_999u, 0u, 0u)]
    [TestCase(-63_158_400L, 1u, 0u, 0u)]
    public void TimesThatNfsCannotSayBecomeTheNearest(long seconds, uint nanoseconds, uint shownSeconds, uint shownNanoseconds) =>
        Assert.That(new Timestamp(seconds, nanoseconds).ToNfs3(), Is.EqualTo(new Nfs3Time(shownSeconds, shownNanoseconds)));
}
