using DmSim.Abi;
using DmSim.Harness.Fuzzing.Programs;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>
/// What has been seen so far: answers (which command, which errno, which log line) and functions of the kernel. A program that shows
/// something new is worth keeping.
/// </summary>
public sealed class FuzzCoverage
{
    private readonly HashSet<string> _answers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _functions = new(StringComparer.Ordinal);

    /// <summary>Distinct (command, errno, log) tuples.</summary>
    public int Answers => _answers.Count;

    public IReadOnlySet<string> AnswersSeen => _answers;

    public IReadOnlySet<string> Functions => _functions;

    /// <summary>Adds what a program showed; answers the operations that showed something new, ascending. A new function may have been run by any since the last look.</summary>
    public IReadOnlyList<int> Add(ProgramCalls calls, IReadOnlyList<MachineReply> replies)
    {
        var fresh = new SortedSet<int>();
        string answer = "";
        int looked = 0, last = calls.Program.Sequence.Operations.Count - 1;
        for (int i = 0; i < replies.Count; i++)
        {
            var (purpose, index) = calls.Purposes[i];
            switch (purpose)
            {
                case CallPurpose.Operation:
                    answer = $"{ProgramJudge.VerbOf(calls.Program.Sequence.Operations[index])} {ErrnoOf(replies[i])}";
                    break;
                case CallPurpose.Log when index <= last && replies[i] is MachineReply.Log log:
                    if (_answers.Add($"{answer} {string.Join('|', log.Lines.Select(line => ProgramJudge.Normal(line.Text)))}"))
                        fresh.Add(index);
                    break;
                case CallPurpose.Functions when replies[i] is MachineReply.Functions functions:
                    int before = _functions.Count;
                    _functions.UnionWith(functions.Names);
                    for (int since = looked; _functions.Count > before && since <= Math.Min(index, last); since++)
                        fresh.Add(since);
                    looked = index + 1;
                    break;
            }
        }
        return [.. fresh];
    }

    private static string ErrnoOf(MachineReply reply) => reply switch
    {
        MachineReply.Control control => control.Errno.ToString(),
        MachineReply.Status status => status.Errno.ToString(),
        MachineReply.Read read => read.Result.Errno.ToString(),
        MachineReply.Write write => write.Result.Errno.ToString(),
        _ => reply.GetType().Name,
    };
}
