using DmSim.Abi;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Generators;
using DmSim.Kernel.Vm;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;
using NUnit.Framework;

namespace DmSim.Property.Fuzzing.Grammar;

/// <summary>The grammar of tables, from which the fuzzer draws.</summary>
internal sealed class GrammarTests
{
    private static IEnumerable<string> Names => GrammarRegistry.All.Select(grammar => grammar.Name);

    [Test]
    public void Every_target_of_the_model_is_described() => Assert.That(TargetRegistry.All.Select(type => type.Name), Is.SubsetOf(Names));

    [Test]
    public void Every_target_module_of_the_fuzzers_guest_is_described()
    {
        // Modules that bring no target of their own, or one under another name.
        Dictionary<string, string> other = new() { ["dm-unstripe"] = "unstriped" };
        string[] helpers = ["dm-log-userspace", "dm-cache-smq", "dm-round-robin", "dm-queue-length", "dm-service-time", "dm-historical-service-time", "dm-io-affinity"];
        var modules = GuestModules.OtherTargets.Where(module => module.StartsWith("dm-", StringComparison.Ordinal)).Except(helpers);
        Assert.That(modules.Select(module => other.GetValueOrDefault(module, module["dm-".Length..])), Is.SubsetOf(Names));
    }

    [Test]
    public void Names_are_unique_and_fit_their_field() =>
        Assert.That(Names, Is.Unique.And.All.Length.LessThan(DmIoctl.DM_MAX_TYPE_NAME));

    [TestCaseSource(nameof(Names))]
    public void Same_choices_same_text(string name)
    {
        var grammar = GrammarRegistry.Find(name)!;
        foreach (var flavour in Enum.GetValues<Flavour>())
        {
            TableLine Draw(ulong seed) => new TableWriter(new Choices(seed)).Line(grammar, flavour);
            for (ulong seed = 0; seed < 50; seed++)
            {
                var first = Draw(seed);
                Assert.That(Draw(seed), Is.EqualTo(first));
            }
        }
    }

    /// <summary>Without a fair share of tables that are taken, nothing behind the constructors would ever run.</summary>
    [TestCase("linear", 85)]
    [TestCase("striped", 90)]
    [TestCase("zero", 100)]
    [TestCase("error", 90)]
    [TestCase("delay", 60)]
    [TestCase("flakey", 30)]
    [TestCase("thin-pool", 60)]
    [TestCase("snapshot", 50)]
    public void Of_tables_meant_to_be_valid_so_many_of_a_hundred_are_taken(string name, int percent)
    {
        const int tables = 300;
        var grammar = GrammarRegistry.Find(name)!;
        int taken = Enumerable.Range(0, tables).Count(seed => LoadOnModel(new TableWriter(new Choices((ulong)seed)).Line(grammar, Flavour.Valid)) == Errno.None);
        Assert.That(taken * 100 / tables, Is.AtLeast(percent));
    }

    [TestCase("linear")]
    [TestCase("striped")]
    [TestCase("delay")]
    [TestCase("thin-pool")]
    [TestCase("snapshot")]
    public void One_wrong_word_is_mostly_refused(string name)
    {
        const int tables = 300;
        var grammar = GrammarRegistry.Find(name)!;
        int refused = Enumerable.Range(0, tables).Count(seed => LoadOnModel(new TableWriter(new Choices((ulong)seed)).Line(grammar, Flavour.AlmostValid)) != Errno.None);
        Assert.That(refused, Is.InRange(tables / 3, tables - 1));
    }

    private static Errno LoadOnModel(TableLine line)
    {
        var machine = new ModelMachine(KernelProfile.Linux61);
        foreach (var loop in Ground.Loops)
            machine.Loops.AttachAsync(loop.Index, loop.Size.Value, loop.ReadOnly).AsTask().GetAwaiter().GetResult();
        Send(machine, DmRequest.Create("d0"));
        return Send(machine, DmRequest.Load("d0", [line]));
    }

    private static Errno Send(ModelMachine machine, DmRequest request) => machine.ControlAsync(request.Number, request.Buffer).AsTask().GetAwaiter().GetResult();

    [Test]
    public void A_program_is_a_function_of_seed_and_number()
    {
        foreach (var kind in (FuzzKind[])[FuzzKind.Table, FuzzKind.Message, FuzzKind.Ioctl])
        {
            string Text(ulong seed) => string.Concat(Enumerable.Range(0, 6).Select(number => new ProgramGenerator(kind, seed, GrammarRegistry.All)[number].Sequence.ToString()));
            string first = Text(7);
            Assert.That(Text(7), Is.EqualTo(first));
            Assert.That(Text(8), Is.Not.EqualTo(first));
        }
    }

    [Test]
    public void What_is_known_to_end_a_kernel_is_not_sent()
    {
        var generator = new ProgramGenerator(FuzzKind.Table, 3, GrammarRegistry.All);
        for (int number = 0; number < 60; number++)
        {
            var program = generator[number];
            Assert.That(program.Sequence.Operations.Select(operation => KernelHazards.Find(operation, runs: !program.Hurried)), Is.All.Null);
        }
        Assert.That(KernelHazards.All.Select(hazard => hazard.Name), Is.Unique);
    }
}
