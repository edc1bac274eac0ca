using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Reasons;

namespace DmSim.Harness.Explaining;

/// <summary>What a table meets with on a simulated machine of its own, which is thrown away.</summary>
/// <param name="Refusal">Null when the table is taken.</param>
/// <param name="Step">What was refused: "load" or "resume".</param>
/// <param name="Shown">The table as the kernel prints it back.</param>
public sealed record TrialResult(Refusal? Refusal, string Step, IReadOnlyList<TableLine> Shown);

/// <summary>Tries a table: loads it into a fresh device and resumes that.</summary>
public static class TableTrial
{
    /// <summary>Longer than the names that people give, so that it is in nobody's way.</summary>
    private const string Name = "explained-table";

    public static async ValueTask<TrialResult> RunAsync(ModelMachine machine, IReadOnlyList<TableLine> table, bool readOnly)
    {
        var control = new DmControl(machine);
        machine.Log.TakeNew();
        var watch = machine.WatchRefusals();
        if (!(await control.CreateAsync(Name)).IsOk)
            return new TrialResult(watch.Last, "create", []);
        if (!(await control.LoadAsync(Name, table, readOnly)).IsOk)
            return new TrialResult(watch.Last, "load", []);
        if (!(await control.ResumeAsync(Name)).IsOk)
            return new TrialResult(watch.Last, "resume", []);
        return new TrialResult(null, "", (await control.TableAsync(Name)).Value ?? []);
    }

    /// <summary>Makes a device that the table is to stand on. Answers why not, else null.</summary>
    public static async ValueTask<string?> PrepareAsync(ModelMachine machine, string name, string table)
    {
        if (!TableText.TryParse(table, out var lines, out string reason))
            return reason;
        var control = new DmControl(machine);
        var watch = machine.WatchRefusals();
        bool made = (await control.CreateAsync(name)).IsOk && (await control.LoadAsync(name, lines)).IsOk && (await control.ResumeAsync(name)).IsOk;
        return made ? null : watch.Last?.Sentence ?? "refused";
    }

    /// <summary>Sends a message to a device made before. Answers why not, else null.</summary>
    public static async ValueTask<string?> MessageAsync(ModelMachine machine, string name, string text)
    {
        var watch = machine.WatchRefusals();
        var result = await new DmControl(machine).MessageAsync(name, text);
        return result.Reply.IsOk ? null : watch.Last?.Sentence ?? "refused";
    }
}
