using DmSim.Abi;
using DmSim.Host;
using DmSim.Model.Reasons;

namespace DmSim.Cli.Hosted;

/// <summary>
/// What the kernel refused since a shell last asked, to be shown before its next prompt: the line of the log, and one plain sentence.
/// Each session has its own; what is never asked for is forgotten, the oldest first.
/// </summary>
internal sealed class RefusalNotes
{
    private const int KeptPerSession = 20;
    private const int KeptSessions = 64;

    private readonly Dictionary<int, List<Note>> _bySession = [];
    private readonly List<LogLine> _unheard = [];

    /// <param name="IsLogged">The kernel thought it worth a line; else only the program that asked knows whether it matters.</param>
    private sealed record Note(string Text, bool IsLogged);

    /// <summary>A request was refused.</summary>
    public void Add(int session, Refusal refusal)
    {
        foreach (var line in refusal.Lines)
            _unheard.Remove(line);
        var lines = refusal.Lines.Select(line => line.Text).Distinct().Select(text => $"kernel: {text}\n");
        Add(session, new Note(string.Concat(lines) + $"why: {refusal.Sentence}.\n", refusal.Lines.Count > 0));
    }

    /// <summary>A line of the log: it belongs to a refusal that is still to be told, or to no request at all, as that of a failed read.</summary>
    public void Heard(LogLine line)
    {
        const int worstOfInterest = 4;
        if (line.Level > worstOfInterest)
            return;
        _unheard.Add(line);
        if (_unheard.Count > KeptPerSession)
            _unheard.RemoveAt(0);
    }

    /// <summary>What there is to say to a session, for the last time.</summary>
    /// <param name="failed">Whether its last command did: a refusal that was not logged matters to nobody else, as lvm2 asks for
    /// devices that need not be there.</param>
    public string Take(int session, bool failed)
    {
        _bySession.Remove(session, out var notes);
        string text = string.Concat((notes ?? []).Where(note => failed || note.IsLogged).Select(note => note.Text).Distinct());
        foreach (var line in failed ? _unheard : [])
        {
            string? why = Refusal.OfLines([line], new Dictionary<string, string>());
            text += $"kernel: {line.Text}\n" + (why is null ? "" : $"why: {why}.\n");
        }
        _unheard.Clear();
        return text;
    }

    private void Add(int session, Note note)
    {
        if (!_bySession.TryGetValue(session, out var notes))
        {
            if (_bySession.Count == KeptSessions)
                _bySession.Remove(_bySession.Keys.First());
            _bySession.Add(session, notes = []);
        }
        notes.Add(note);
        if (notes.Count > KeptPerSession)
            notes.RemoveAt(0);
    }
}
