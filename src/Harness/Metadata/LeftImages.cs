using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Metadata;

/// <summary>What numbered random cases leave on their loop devices, made when it is asked for.</summary>
/// <param name="make">What a case leaves, by its number.</param>
internal sealed class LeftImages(Func<int, ValueList<LoopSetup>> make)
{
    /// <summary>Operations that a case has.</summary>
    public const int Operations = 30;

    private const int Count = 48;

    private readonly Lazy<ValueList<LoopSetup>>[] _images = [.. Enumerable.Range(0, Count).Select(i => new Lazy<ValueList<LoopSetup>>(() => make(i)))];

    public ValueList<LoopSetup> Any(Choices choices) => choices.AnyOf(_images).Value;

    /// <summary>What decides about the damage of a number: same seed, same damage.</summary>
    public static Choices ChoicesOf(ulong seed, int index) => new(unchecked(seed * 0x9E3779B97F4A7C15 ^ (ulong)index));

    /// <summary>A loop device with what lies on it when the machine has come to rest.</summary>
    public static LoopSetup Dump(BatchRunner runner, int loop)
    {
        var rest = TimeSpan.FromSeconds(3);
        var dump = (MachineReply.Dump)Completed(
            runner.RunAsync(new ScheduledCall(rest, rest, new MachineCall.Dump(DeviceNumber.Loop(loop), ulong.MaxValue))));
        return new LoopSetup(loop, new Bytes(dump.Size), false, LoopContents.Of(MetadataPair.Image(dump)));
    }

    /// <summary>The model has nothing to wait for.</summary>
    public static T Completed<T>(ValueTask<T> work) => work.IsCompleted ? work.Result : work.AsTask().GetAwaiter().GetResult();
}
