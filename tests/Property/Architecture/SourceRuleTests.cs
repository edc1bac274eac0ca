using System.Text.RegularExpressions;
using NUnit.Framework;

namespace DmSim.Property.Architecture;

/// <summary>Rules of the house that a machine can check.</summary>
internal sealed partial class SourceRuleTests
{
    private const int MaxLines = 450;

    [Test]
    public void No_file_grows_past_what_a_reader_takes_in() =>
        Assert.That(Repository.CSharp.Where(file => file.Lines.Length > MaxLines).Select(file => $"{file.Path}: {file.Lines.Length} lines"), Is.Empty);

    [Test]
    public void Native_calls_live_in_one_room() =>
        Assert.That(Lines(NativeImport(), file => file.IsIn("src") && !file.IsIn("src/Kernel/Interop")), Is.Empty);

    /// <summary>Same seed, same bytes: the model reads no clock, no environment, no file and no randomness, and has no threads.</summary>
    [Test]
    public void The_model_is_a_function_of_what_it_is_told() =>
        Assert.That(Lines(NotInModel(), file => file.IsIn("src/Model")), Is.Empty);

    [Test]
    public void Nothing_draws_numbers_without_a_seed() =>
        Assert.That(Lines(Unseeded(), file => file.IsIn("src")), Is.Empty);

    [Test]
    public void Nothing_is_left_to_be_done_later() =>
        Assert.That(Lines(Unfinished(), file => file.IsIn("src") || file.IsIn("tests")), Is.Empty);

    [Test]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void What_a_person_types_can_be_executed()
    {
        const UnixFileMode all = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var scripts = Repository.Files
            .Where(file => !file.IsIn("src") && file.Text.StartsWith("#!", StringComparison.Ordinal)).ToArray();
        Assert.That(scripts.Select(file => file.Path), Does.Contain("scripts/dmsim").And.Contain("scripts/test"));
        Assert.That(scripts.Where(file => (File.GetUnixFileMode(Path.Combine(Repository.Root, file.Path)) & all) != all).Select(file => file.Path),
            Is.Empty);
        Assert.That(Repository.Files.Where(file => file.IsIn("scripts")), Is.SubsetOf(scripts), "a script without its #! line");
    }

    [TestCase("        var now = DateTime.UtcNow;")]
    [TestCase("        var watch = Stopwatch.StartNew();")]
    [TestCase("        int x = new Random(1).Next();")]
    [TestCase("        if (Environment.ProcessorCount > 1)")]
    [TestCase("        File.ReadAllText(path);")]
    [TestCase("        await Task.Delay(1);")]
    public void The_rule_for_the_model_catches(string line) => Assert.That(NotInModel().IsMatch(line));

    private static IEnumerable<string> Lines(Regex pattern, Predicate<SourceFile> isMeant) =>
        from file in Repository.CSharp
        where isMeant(file)
        from line in file.Lines.Index()
        where pattern.IsMatch(line.Item) && !line.Item.TrimStart().StartsWith("//", StringComparison.Ordinal)
        select $"{file.Path}:{line.Index + 1}: {line.Item.Trim()}";

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\b|NativeLibrary\.|\bsyscall\(")]
    private static partial Regex NativeImport();

    [GeneratedRegex(@"\b(DateTime|DateTimeOffset|Stopwatch|TimeProvider|Random|RandomNumberGenerator|Guid|Environment|File|Directory|Process"
        + @"|Thread|ThreadPool|Parallel)\b[.(]|\bTask\.(Run|Delay)\b|\bConsole\.")]
    private static partial Regex NotInModel();

    [GeneratedRegex(@"\bRandom\.Shared\b|\bnew Random\(\)|\bRandomNumberGenerator\b")]
    private static partial Regex Unseeded();

    // In two parts, so that this line is not one.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|XX" + @"X)\b|NotImplemented" + "Exception")]
    private static partial Regex Unfinished();
}
