using System.Globalization;
using System.Text;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Scripts;

/// <summary>
/// Any sequence as a plain bash script for a real Linux box: losetup, dmsetup, dd, blkdiscard. It prints each step, how it ended, the
/// new kernel log lines and the state, and cleans up after itself.
/// </summary>
public static class ScriptExport
{
    /// <param name="title">Comment lines at the head: what the script shows.</param>
    /// <param name="marked">A step to mark (1 for the first operation), or 0.</param>
    public static string Write(OperationSequence sequence, string title, int marked = 0)
    {
        var script = new StringBuilder("#!/bin/bash\n");
        foreach (string line in title.Split('\n'))
            script.Append("# ").Append(line).Append('\n');
        script.Append(ScriptPreamble.Text.Replace("@NAMES@", string.Join(' ', Names(sequence).Select(Shell.Word)), StringComparison.Ordinal));
        script.Append("\n\n");
        foreach (var loop in sequence.Loops)
        {
            script.Append(ScriptCommands.For(loop.Attach).Text).Append(" || exit 2\n");
            if (loop.Contents is { Text.Length: > 0 } contents)
                script.Append(CultureInfo.InvariantCulture, $"fill_loop {loop.Index} <<< '{contents.Text}'\n");
        }
        for (int i = 0; i < sequence.Operations.Count; i++)
        {
            var operation = sequence.Operations[i];
            script.Append('\n');
            if (i + 1 == marked)
                script.Append("# >>> here model and kernel differ\n");
            script.Append("step ").Append(Shell.Word(operation.ToString())).Append('\n');
            Append(script, ScriptCommands.For(operation));
        }
        return script.ToString();
    }

    /// <summary>The operation as one line of shell, for reports: what a person would type.</summary>
    public static string OneLine(Operation operation)
    {
        if (operation is Operation.RawIoctl or Operation.Open or Operation.Close or Operation.Io)
            return operation.ToString();
        var command = ScriptCommands.For(operation);
        if (command.Text.StartsWith("dm_ioctl", StringComparison.Ordinal))
            return operation.ToString();
        return command.HereDocument is null || operation is not Operation.LoadTable load ? command.Text
            : $"{command.Text} <<< {Shell.Word(string.Join('\n', load.Lines.Select(FieldText.PrintLine)))}";
    }

    private static void Append(StringBuilder script, ScriptCommand command)
    {
        script.Append(command.Run == ScriptRun.Here ? "here " : "may_block ").Append(command.Text);
        if (command.HereDocument is not null)
            script.Append(" <<TABLE\n").Append(command.HereDocument).Append("TABLE");
        script.Append('\n');
    }

    /// <summary>Every name that a device of the sequence can come to have.</summary>
    private static IEnumerable<string> Names(OperationSequence sequence) => sequence.Operations
        .Select(operation => operation switch
        {
            Operation.Create create => create.Name,
            Operation.Rename rename => rename.NewName,
            _ => "",
        })
        .Where(name => name.Length > 0)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);
}
