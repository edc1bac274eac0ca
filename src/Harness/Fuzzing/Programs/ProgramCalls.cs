using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>What a call of a program is for.</summary>
public enum CallPurpose
{
    SetUp = 1,
    Operation,

    /// <summary>The log after an operation.</summary>
    Log,

    /// <summary>Afterwards: everything must let itself be taken away.</summary>
    CleanUp,

    /// <summary>Afterwards: which devices are left.</summary>
    Left,

    Functions,
}

/// <param name="Operation">Index of the operation in the program; -1 before the first, the number of operations after the last.</param>
public readonly record struct ProgramCall(CallPurpose Purpose, int Operation);

/// <summary>A program as calls, made one right after the other.</summary>
public sealed class ProgramCalls
{
    /// <summary>Of the machine's time. What takes longer is waiting for something.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>For a removal of what other things wait for.</summary>
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(8);

    /// <summary>After so many operations it is asked which functions have run: a look costs as much as the cheapest of them.</summary>
    private const int LookEvery = 3, LookEveryHurried = 16;

    private readonly List<ScheduledCall> _calls = [];
    private readonly List<ProgramCall> _purposes = [];

    private ProgramCalls(FuzzProgram program)
    {
        Program = program;
        foreach (var loop in program.Sequence.Loops)
            AddLoop(loop);
        if (program.Sequence.Loops.Count > 0)
            Add(CallPurpose.SetUp, -1, new MachineCall.TakeLog());
        for (int i = 0; i < program.Sequence.Operations.Count; i++)
            AddOperation(program.Sequence.Operations[i], i);
        AddCleanUp(program.Sequence.Operations.Count);
    }

    public static ProgramCalls Of(FuzzProgram program) => new(program);

    public FuzzProgram Program { get; }

    public IReadOnlyList<ScheduledCall> Calls => _calls;

    /// <summary>One for each call.</summary>
    public IReadOnlyList<ProgramCall> Purposes => _purposes;

    private void Add(CallPurpose purpose, int operation, MachineCall call, TimeSpan? patience = null)
    {
        _calls.Add(new ScheduledCall(ScheduledCall.Now, patience ?? Patience, call));
        _purposes.Add(new ProgramCall(purpose, operation));
    }

    private void AddLoop(LoopSetup loop)
    {
        Add(CallPurpose.SetUp, -1, OperationLowering.Lower(loop.Attach));
        if (loop.Contents is { Text.Length: > 0 } contents)
            Add(CallPurpose.SetUp, -1, new MachineCall.Fill(DeviceNumber.Loop(loop.Index), contents.Blocks()));
    }

    private void AddOperation(Operation operation, int index)
    {
        // Programs name devices whose numbers they choose, so that nothing has to be looked up.
        var lowered = OperationLowering.Lower(operation, World.Empty, index);
        if (operation is Operation.Advance advance)
            Add(CallPurpose.SetUp, index, new MachineCall.Pause(advance.Duration), advance.Duration + Patience);
        if (lowered.Call is not { } call)
            return;
        if (lowered.OpenFirst is { } mode)
            Add(CallPurpose.SetUp, index, new MachineCall.Open(OperationLowering.IoHandle(index), lowered.Device!.Value, mode));
        if (call is MachineCall.Control control && Program.Hurried)
            call = control with { Here = true, Grow = false };
        Add(CallPurpose.Operation, index, call);
        if (lowered.OpenFirst is not null)
            Add(CallPurpose.SetUp, index, new MachineCall.Close(OperationLowering.IoHandle(index)));
        if (call is not (MachineCall.Open or MachineCall.Close))
            Add(CallPurpose.Log, index, new MachineCall.TakeLog());
        if ((index + 1) % (Program.Hurried ? LookEveryHurried : LookEvery) == 0)
            Add(CallPurpose.Functions, index, new MachineCall.TakeFunctions());
    }

    /// <summary>Names that devices of the program can have.</summary>
    private IEnumerable<string> Names()
    {
        var operations = Program.Sequence.Operations;
        var made = operations.OfType<Operation.Create>().Select(create => create.Name);
        return (operations.Any(operation => operation is Operation.RawIoctl) && !Program.Hurried ? made.Concat(FuzzWords.UsualNames) : made).Distinct().Reverse();
    }

    private void AddCleanUp(int end)
    {
        foreach (int handle in Program.Sequence.Operations.OfType<Operation.Open>().Select(open => open.Handle).Distinct())
            Add(CallPurpose.SetUp, end, new MachineCall.Close(handle));
        foreach (string name in Names())
        {
            // A suspended device holds back who would have to let go of it; a table may rest on its own device, which is then never free.
            if (!Program.Hurried)
                Add(CallPurpose.SetUp, end, DmRequest.Resume(name, noFlush: true, noLockfs: true).ToCall(), LongPatience);
            Add(CallPurpose.SetUp, end, DmRequest.Clear(name).ToCall());
        }
        Add(CallPurpose.CleanUp, end, DmRequest.RemoveAll().ToCall(), LongPatience);
        Add(CallPurpose.Left, end, DmRequest.ListDevices(room: 512).ToCall());
        foreach (var loop in Program.Sequence.Loops)
            Add(CallPurpose.CleanUp, end, new MachineCall.LoopDetach(loop.Index));
        if (!Program.Hurried)
            Add(CallPurpose.SetUp, end, new MachineCall.Collect());
        Add(CallPurpose.Log, end, new MachineCall.TakeLog());
        Add(CallPurpose.Functions, end, new MachineCall.TakeFunctions());
    }
}
