using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>Makes up whole tables.</summary>
internal static class TableDrafts
{
    /// <summary>One to a few lines that follow on each other, of the case's target types.</summary>
    public static List<TableLine> Sound(Scene scene, DeviceState owner)
    {
        var choices = scene.Choices;
        int count = choices.Pick(1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6);
        var lines = new List<TableLine>(count);
        var start = Sectors.Zero;
        for (int i = 0; i < count; i++)
        {
            var line = Line(scene, owner, start);
            // A huge line stands alone: sums near the limit are for the wrong tables.
            if (i > 0 && line.End.Value > Lengths.MaxSectors)
                break;
            lines.Add(line);
            start = line.End;
        }
        return lines;
    }

    /// <summary>A sound line of one of the case's target types.</summary>
    public static TableLine Line(Scene scene, DeviceState owner, Sectors start)
    {
        string type = scene.Choices.Weighted(scene.Swarm.Targets);
        var length = Lengths.Usual(scene.Choices);
        string parameters = LineGenerators.Of(type).Sound(scene, owner, ref length);
        return new TableLine(start, length, type, scene.Choices.Percent(4) ? Respace(scene.Choices, parameters) : parameters);
    }

    /// <summary>
    /// The same words in other clothes: more white space, or a backslash before what needs none (dm_split_args,
    /// drivers/md/dm-table.c, 6.1).
    /// </summary>
    public static string Respace(Choices choices, string parameters) => choices.Below(6) switch
    {
        0 => "  " + parameters + " ",
        1 => parameters.Replace(" ", "\t", StringComparison.Ordinal),
        2 => parameters.Replace(" ", "   ", StringComparison.Ordinal),
        // A device in braces is found by what lies between them: a backslash before the brace leaves that alone.
        3 => parameters.Length == 0 ? parameters : "\\" + parameters,
        4 => parameters.Replace(" ", "\n", StringComparison.Ordinal),
        _ => parameters.Replace(":", "\\:", StringComparison.Ordinal),
    };
}
