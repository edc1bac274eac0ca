using System.Text.RegularExpressions;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>Between the first line of a warning and the mark of its end the kernel prints what the processor was doing.</summary>
public sealed partial class StacksOfWarnings : AllowedOutcomeRule
{
    public override string Name => "stacks-of-warnings";

    public override string Reason => "registers, machine code and return addresses are of the compiled kernel and of where its memory "
        + "lies, and the mark of the end is drawn at random. That there is a warning, at which line of which function, and what is said "
        + "before and after it stay exact.";

    public override string Source => "kernel/panic.c __warn, print_oops_end_marker; arch/x86/kernel/dumpstack.c show_regs (5.10)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model) =>
        Alternative.OfLogs(model, Warning(), (log, kernel) => WithoutStacks(log) == WithoutStacks(kernel));

    private static string WithoutStacks(string log) => Warning().Replace(log, "$1$2\n");

    [GeneratedRegex(@"(?<=^|\n)(<4>-+\[ cut here \]-+\n<4>WARNING: CPU: \d+ )PID: \d+ (at \S+ \S+(?: \[\w+\])?)\n"
        + @"(?:<4>.*\n)*?<4>---\[ end trace [0-9a-f]{16} \]---(?=\n|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Warning();
}
