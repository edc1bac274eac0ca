using System.Text;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;

namespace DmSim.Harness.Generators;

/// <summary>
/// Cases without the operations that are known to end a kernel of some release: they would show that, again and again, and nothing of what comes
/// after. A case has the operations that are left, so that one of a number is another on such a kernel.
/// </summary>
public static class SafeCases
{
    public static ICaseSource For(KernelProfile profile, ICaseSource all)
    {
        if (!profile.Has(KernelRule.TransientMergeRefused))
            all = new Cases(all, IsTransientMerge);
        return profile.Has(KernelRule.DiscardGranularityDivides) ? new Cases(all, HasDiscardsOfSmallChunks) : all;
    }

    /// <summary>What is in the words of a line of a snapshot, after origin and store: its kind, the size of a chunk in sectors, and features.</summary>
    private static bool AnyStore(Operation operation, Func<string, IReadOnlyList<string>, bool> isDangerous) => operation is Operation.LoadTable load
        && load.Lines.Any(line => line.Type is "snapshot" or "snapshot-merge"
            && ArgumentSplitter.Split(Encoding.Latin1.GetBytes(line.Parameters)) is [_, _, .. var rest] && isDangerous(line.Type, rest));

    /// <summary>
    /// A merge over a store that is not persistent: the kernel calls functions which such a store does not have
    /// (<see cref="KernelRule.TransientMergeRefused"/>).
    /// </summary>
    private static bool IsTransientMerge(Operation operation) =>
        AnyStore(operation, (type, words) => type == "snapshot-merge" && words is [['N' or 'n', ..], ..]);

    /// <summary>Discards as large as a chunk, which counts sectors where bytes are meant (<see cref="KernelRule.DiscardGranularityDivides"/>).</summary>
    private static bool HasDiscardsOfSmallChunks(Operation operation) => AnyStore(operation, (_, words) =>
        words.Contains("discard_zeroes_cow", StringComparer.OrdinalIgnoreCase) && !(words.Count > 1 && uint.TryParse(words[1], out uint chunk) && chunk >= 512));

    private sealed class Cases(ICaseSource all, Predicate<Operation> isDangerous) : ICaseSource
    {
        public int Count => all.Count;
        public IOperationSource Open(int index) => new Source(all.Open(index), isDangerous);
        public string NameOf(int index) => all.NameOf(index);
    }

    private sealed class Source(IOperationSource all, Predicate<Operation> isDangerous) : IOperationSource
    {
        public ValueList<LoopSetup> Loops => all.Loops;

        public Operation? Next(World world)
        {
            var next = all.Next(world);
            while (next is not null && isDangerous(next))
                next = all.Next(world);
            return next;
        }
    }
}
