using System.Buffers;

namespace Gateway.Smb.Names;

/// <summary>
/// A search pattern as FsRtlIsNameInExpression reads it (MS-FSA 2.1.4.4): <c>*</c>, <c>?</c>, DOS_STAR <c>&lt;</c>,
/// DOS_QM <c>&gt;</c> and DOS_DOT <c>"</c>. Letters match in both cases.
/// </summary>
/// <remarks>
/// All places of the pattern that the name so far may have reached are followed at once: a match takes time
/// proportional to pattern times name, whatever the client sends.
/// </remarks>
internal sealed class WildcardPattern
{
    private const char Star = '*';
    private const char QuestionMark = '?';
    private const char DosStar = '<';
    private const char DosQuestionMark = '>';
    private const char DosDot = '"';

    private static readonly SearchValues<char> Wildcards = SearchValues.Create("*?<>\"");

    private readonly string _pattern;
    private readonly bool _isLiteral;

    public WildcardPattern(ReadOnlySpan<char> pattern)
    {
        IsEverything = pattern is "*";
        _isLiteral = !HasWildcards(pattern);
        _pattern = pattern.ToString().ToUpperInvariant();
    }

    /// <summary>The pattern is <c>*</c>.</summary>
    public bool IsEverything { get; }

    public static bool HasWildcards(ReadOnlySpan<char> text) => text.ContainsAny(Wildcards);

    public bool IsMatch(ReadOnlySpan<char> name)
    {
        if (IsEverything)
            return true;
        if (_isLiteral)
            return name.Length == _pattern.Length && StartsWithPattern(name);
        var places = _pattern.Length + 1;
        var rented = places > 256 ? ArrayPool<bool>.Shared.Rent(2 * places) : null;
        var buffer = rented ?? stackalloc bool[512];
        var isMatch = Follow(name, buffer[..places], buffer.Slice(places, places));
        if (rented is not null)
            ArrayPool<bool>.Shared.Return(rented);
        return isMatch;
    }

    private bool StartsWithPattern(ReadOnlySpan<char> name)
    {
        for (var index = 0; index < name.Length; index++)
        {
            if (char.ToUpperInvariant(name[index]) != _pattern[index])
                return false;
        }

        return true;
    }

    private bool Follow(ReadOnlySpan<char> name, Span<bool> reached, Span<bool> next)
    {
        reached.Clear();
        reached[0] = true;
        var lastDot = name.LastIndexOf('.');
        for (var index = 0; index < name.Length; index++)
        {
            var unit = char.ToUpperInvariant(name[index]);
            Skip(reached, unit);
            next.Clear();
            if (!Step(reached, next, unit, index == lastDot))
                return false;
            var free = reached;
            reached = next;
            next = free;
        }

        Skip(reached, '\0', atEnd: true);
        return reached[^1];
    }

    /// <summary>Goes past every wildcard that may stand for nothing in front of this character, or at the end.</summary>
    private void Skip(Span<bool> reached, char unit, bool atEnd = false)
    {
        for (var place = 0; place < _pattern.Length; place++)
        {
            if (!reached[place])
                continue;
            reached[place + 1] |= _pattern[place] switch
            {
                Star or DosStar => true,
                DosQuestionMark => atEnd || unit == '.',
                DosDot => atEnd,
                _ => false,
            };
        }
    }

    private bool Step(Span<bool> reached, Span<bool> next, char unit, bool isLastDot)
    {
        var isAlive = false;
        for (var place = 0; place < _pattern.Length; place++)
        {
            if (!reached[place])
                continue;
            var expected = _pattern[place];
            var stays = expected == Star || (expected == DosStar && !isLastDot);
            var advances = expected switch
            {
                QuestionMark => true,
                DosQuestionMark => unit != '.',
                DosDot => unit == '.',
                Star or DosStar => false,
                _ => expected == unit,
            };
            next[place] |= stays;
            next[place + 1] |= advances;
            isAlive |= stays || advances;
        }

        return isAlive;
    }
}
