using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Generators;

namespace DmSim.Harness.Fuzzing.Grammar;

/// <summary>How right a drawn table is meant to be.</summary>
public enum Flavour
{
    /// <summary>Each word is one that can be right; whether all together are is the kernel's business.</summary>
    Valid,

    /// <summary>One word is not as it should be.</summary>
    AlmostValid,

    /// <summary>Many are not, and the text itself may be broken.</summary>
    Hostile,
}

/// <summary>Draws words and whole table lines from grammars. The same choices give the same text.</summary>
public sealed class TableWriter
{
    private readonly Choices _choices;
    private readonly FuzzWords _words;
    private readonly List<(string Text, Part? Part)> _tokens = [];

    public TableWriter(Choices choices)
    {
        _choices = choices;
        _words = new FuzzWords(choices);
    }

    /// <summary>A line that starts where the one before ended.</summary>
    public TableLine Line(TargetGrammar grammar, Flavour flavour, ulong start = 0)
    {
        ulong length = _choices.AnyOf(grammar.Lengths);
        if (flavour != Flavour.Valid && _choices.Percent(15))
            (start, length) = _choices.Percent(30) ? (_words.Edge(), length) : (start, _words.Edge());
        return new TableLine(new Sectors(start), new Sectors(length), grammar.Name, Text(grammar.Parameters, flavour));
    }

    /// <summary>The text of a part: a target's words, a message.</summary>
    public string Text(Part part, Flavour flavour)
    {
        _tokens.Clear();
        Draw(part);
        int defects = flavour switch { Flavour.Valid => 0, Flavour.AlmostValid => 1, _ => 1 + _choices.Below(1 + _tokens.Count / 2) };
        for (; defects > 0; defects--)
            Spoil();
        string text = string.Join(' ', _tokens.Select(token => token.Text));
        return flavour == Flavour.Hostile && _choices.Percent(20) ? Break(text) : text;
    }

    /// <summary>A text that is there already, with some of its words changed.</summary>
    public string Change(string text)
    {
        _tokens.Clear();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            _tokens.Add((word, ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? new Part.Number("", 64, 0, number, [number]) : null));
        for (int defects = 1 + _choices.Below(2); defects > 0; defects--)
            Spoil();
        return string.Join(' ', _tokens.Select(token => token.Text));
    }

    private void Draw(Part part)
    {
        switch (part)
        {
            case Part.Word word: Add(word.Text, word); break;
            case Part.Number number: Add(Print(_choices.Percent(97) ? _choices.AnyOf(number.Usual) : number.First), number); break;
            case Part.Hex hex: Add(HexText(hex.Bytes), hex); break;
            case Part.Device device: Add(_choices.AnyOf(Ground.Fitting(device.Use)), device); break;
            case Part.OneOf choice: Draw(_choices.AnyOf(choice.Options)); break;
            case Part.Sequence all:
                foreach (var each in all.Parts)
                    Draw(each);
                break;
            case Part.Maybe maybe:
                if (_choices.Percent(50))
                    Draw(maybe.Inner);
                break;
            case Part.Features features: DrawFeatures(features); break;
            case Part.Times times: DrawTimes(times); break;
            case Part.Glued glued:
                int at = _tokens.Count;
                Draw(glued.Inner);
                _tokens[at] = (glued.Before + _tokens[at].Text, glued);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(part), part, "a part that cannot be drawn");
        }
    }

    private void DrawFeatures(Part.Features features)
    {
        int count = _tokens.Count;
        Add("0", features);
        int percent = _choices.Pick(0, 15, 40, 90);
        foreach (var option in features.Options)
        {
            if (_choices.Percent(percent))
                Draw(option);
        }
        _tokens[count] = (Print((ulong)(_tokens.Count - count - 1)), features);
    }

    private void DrawTimes(Part.Times times)
    {
        int count = _choices.Between(times.Least, times.Most);
        Add(Print((ulong)count), times);
        if (times.Between is { } between)
            Draw(between);
        for (; count > 0; count--)
            Draw(times.Each);
    }

    private void Add(string text, Part part) => _tokens.Add((text, part));

    /// <summary>One word becomes another, a wrong one of its own kind where the kind is known; or goes; or comes twice.</summary>
    private void Spoil()
    {
        if (_tokens.Count == 0 || _choices.Percent(4))
        {
            _tokens.Insert(_choices.Below(_tokens.Count + 1), (_words.AnyWord(), null));
            return;
        }
        int at = _choices.Below(_tokens.Count);
        switch (_choices.Below(10))
        {
            case 0:
                _tokens.RemoveAt(at);
                break;
            case 1:
                _tokens.RemoveRange(at, _tokens.Count - at);
                break;
            case 2:
                _tokens.Insert(at, _tokens[at]);
                break;
            case 3:
                _tokens[at] = (_words.AnyWord(), null);
                break;
            default:
                _tokens[at] = (Wrong(_tokens[at]), null);
                break;
        }
    }

    private string Wrong((string Text, Part? Part) token) => token.Part switch
    {
        Part.Number number => WrongNumber(number),
        Part.Features or Part.Times => WrongCount(token.Text),
        Part.Device => WrongDevice(),
        Part.Glued { Inner: Part.Number number } glued => glued.Before + (_choices.Percent(80) ? WrongNumber(number) : ""),
        Part.Hex hex => _choices.Pick(HexText(hex.Bytes + 1), HexText(Math.Max(hex.Bytes - 1, 1)), HexText(hex.Bytes)[1..], "zz" + HexText(hex.Bytes)[2..], HexText(hex.Bytes * 8)),
        _ => _choices.Pick(token.Text + "x", token.Text.ToUpperInvariant(), token.Text.Length > 1 ? token.Text[..^1] : "", _words.AnyWord()),
    };

    /// <summary>At the limits of what is taken and of what the variable holds, and one past them; or hardly a number.</summary>
    private string WrongNumber(Part.Number number)
    {
        ulong widest = number.Bits == 32 ? uint.MaxValue : ulong.MaxValue;
        string text = Print(unchecked(_choices.Below(10) switch
        {
            0 => number.First - 1,
            1 => number.First,
            2 => number.Last,
            3 => number.Last + 1,
            4 => widest,
            5 => widest >> 1,
            6 => (widest >> 1) + 1,
            7 => _choices.AnyOf(number.Usual) + 1,
            8 => 1UL << _choices.Below(number.Bits),
            _ => _choices.Next() >> _choices.Below(64),
        }));
        return _choices.Below(12) switch
        {
            0 => _choices.Pick("-1", "-" + text, "+" + text, "0x" + text, text + "x", "", "18446744073709551616", "00000000000000000000" + text),
            _ => text,
        };
    }

    private string WrongCount(string right)
    {
        ulong count = ulong.Parse(right, CultureInfo.InvariantCulture);
        return Print(unchecked(_choices.Pick(count + 1, count - 1, 0UL, count + 2, uint.MaxValue, 1UL << 31, 1UL << 30, 255UL, 1UL << 32)));
    }

    private string WrongDevice() => _choices.Below(4) switch
    {
        0 => DeviceNumber.Dm((uint)_choices.Pick(Ground.Subject, Ground.Empty, Ground.Missing, Ground.Pool)).ToString(),
        1 => _choices.Pick("7:5", "7:6", "/dev/loop5", "/dev/null", "/dev", "/nosuch", "7:0 ", "-"),
        _ => _words.Path(),
    };

    /// <summary>What the splitting of words (dm_split_args, drivers/md/dm-table.c, 6.1) has to cope with.</summary>
    private string Break(string text)
    {
        var broken = new StringBuilder(text);
        for (int left = 1 + _choices.Below(4); left > 0; left--)
        {
            int at = _choices.Below(broken.Length + 1);
            switch (_choices.Below(6))
            {
                case 0: broken.Insert(at, (char)(1 + _choices.Below(255))); break;
                case 1: broken.Insert(at, _choices.Pick("\\", "\\ ", "\t", "\n", "  ", "%s", "%n")); break;
                case 2: broken.Insert(at, new string(_choices.Pick('a', '0', ' ', '9', ':'), 1 << _choices.Below(12))); break;
                case 3: broken.Length = at; break;
                case 4 when broken.Length > 0: broken[_choices.Below(broken.Length)] = (char)(1 + _choices.Below(255)); break;
                default: broken.Append(' ').Append(_words.AnyWord()); break;
            }
        }
        return broken.ToString();
    }

    private static string Print(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private string HexText(int bytes)
    {
        var text = new StringBuilder(2 * bytes);
        while (text.Length < 2 * bytes)
            text.Append(CultureInfo.InvariantCulture, $"{_choices.Next():x16}");
        return text.ToString(0, 2 * bytes);
    }
}
