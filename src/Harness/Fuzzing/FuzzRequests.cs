using DmSim.Abi;
using DmSim.Harness.Generators;

namespace DmSim.Harness.Fuzzing;

/// <summary>
/// Requests from the same builders that the typed client uses, well formed though not always sensible: what is to be mutated. Their weights
/// keep some devices alive, with tables, suspended and running.
/// </summary>
internal sealed class FuzzRequests
{
    private readonly Choices _choices;
    private readonly FuzzWords _words;
    private readonly FuzzTables _tables;
    private readonly (Func<DmRequest> Build, int Weight)[] _kinds;

    public FuzzRequests(Choices choices)
    {
        _choices = choices;
        _words = new FuzzWords(choices);
        _tables = new FuzzTables(choices, _words);
        _kinds =
        [
            (() => DmRequest.Version(Flags()), 1),
            (() => DmRequest.Create(_words.Name(), Maybe(_words.Uuid), Maybe(Minor), Flags(), Cookie()), 12),
            (() => DmRequest.Load(_words.Device(), _tables.Draw(), choices.Percent(10), Flags()), 24),
            (() => DmRequest.Resume(_words.Device(), choices.Percent(20), choices.Percent(20), Flags(), Cookie()), 12),
            (() => DmRequest.Suspend(_words.Device(), choices.Percent(20), choices.Percent(20), Flags(), Cookie()), 6),
            (() => DmRequest.Remove(_words.Device(), choices.Percent(30), Flags(), Cookie()), 4),
            (() => DmRequest.RemoveAll(choices.Percent(30), Flags()), 1),
            (() => DmRequest.Rename(_words.Device(), _words.Name(), Flags(), Cookie()), 3),
            (() => DmRequest.SetUuid(_words.Device(), _words.Uuid(), Flags(), Cookie()), 3),
            (() => DmRequest.Clear(_words.Device(), Flags()), 2),
            (() => DmRequest.Info(_words.Device(), choices.Percent(30), Flags()), 3),
            (() => DmRequest.Deps(_words.Device(), choices.Percent(30), Flags(), Room()), 4),
            (() => DmRequest.Status(_words.Device(), choices.Percent(30), choices.Percent(30), Flags(), Room()), 6),
            (() => DmRequest.Table(_words.Device(), choices.Percent(30), choices.Percent(30), Flags(), Room()), 6),
            (() => DmRequest.Wait(_words.Device(), (uint)choices.Below(4), choices.Percent(30), Flags(), Room()), 4),
            (() => DmRequest.ListDevices(choices.Percent(50) ? default : new DmSelector(_words.Name(), Maybe(_words.Uuid)), Flags(), Room()), 4),
            (() => DmRequest.ListVersions(Flags(), Room()), 2),
            (() => DmRequest.TargetVersion(choices.Percent(50) ? "linear" : _words.Name(), Flags(), Room()), 2),
            (() => DmRequest.Message(_words.Device(), new Sectors(_words.Edge()), _words.Sentence(), Flags(), room: Room()), 8),
            (() => DmRequest.SetGeometry(_words.Device(), Geometry()), 3),
            (() => DmRequest.ArmPoll(Flags()), 1),
        ];
    }

    public DmRequest Draw() => _choices.Weighted(_kinds)();

    private DmFlags Flags() => _choices.Percent(90) ? DmFlags.None : (DmFlags)(1u << _choices.Below(20));

    private uint Cookie() => _choices.Percent(80) ? 0 : unchecked((uint)_choices.Next());

    private uint Minor() => _choices.Percent(90) ? (uint)_choices.Below(6) : unchecked((uint)_words.Edge());

    /// <summary>Bytes for the reply: none, too few by one, or plenty.</summary>
    private int Room() => _choices.Percent(50) ? 1024 : _choices.Below(200);

    private string Geometry() => _choices.Percent(50)
        ? "100 16 63 0" : string.Join(' ', _words.Number(), _words.Number(), _words.Number(), _words.Number());

    private string? Maybe(Func<string> draw) => _choices.Percent(50) ? draw() : null;

    private uint? Maybe(Func<uint> draw) => _choices.Percent(20) ? draw() : null;
}
