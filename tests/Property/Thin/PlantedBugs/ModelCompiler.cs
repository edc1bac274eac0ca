using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Model.Profiles;
using DmSim.Property.Architecture;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DmSim.Property.Thin.PlantedBugs;

/// <summary>
/// Compiles the model's own source, with a bug in it or without, into an assembly of its own. So a bug may be anywhere, and the model
/// needs no hooks for it. What comes out is known here as <see cref="IMachine"/> only.
/// </summary>
internal sealed class ModelCompiler
{
    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    private static readonly string[] Left = ["obj", "bin"];

    private readonly Dictionary<string, SyntaxTree> _trees = [];
    private readonly CSharpCompilation _right;

    public ModelCompiler()
    {
        string folder = Path.Combine(Repository.Root, "src/Model");
        foreach (string path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(folder, path);
            if (!Left.Any(folder => name.StartsWith(folder, StringComparison.Ordinal)))
                _trees.Add(name, CSharpSyntaxTree.ParseText(WithoutGenerators(File.ReadAllText(path)), Parsing, name));
        }
        // What <ImplicitUsings> adds.
        var usings = CSharpSyntaxTree.ParseText("""
            global using System;
            global using System.Collections.Generic;
            global using System.IO;
            global using System.Linq;
            global using System.Threading;
            global using System.Threading.Tasks;
            """, Parsing);
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        var references = platform.Split(Path.PathSeparator).Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal))
            .Append(typeof(IMachine).Assembly.Location);
        _right = CSharpCompilation.Create("DmSim.Model", [.. _trees.Values, usings], references.Select(p => MetadataReference.CreateFromFile(p)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release,
                checkOverflow: true, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>No source generator runs here: what one would write is written in its place.</summary>
    private static string WithoutGenerators(string source) =>
        GeneratedRegex.Replace(source, "$2 static Regex $3() => new Regex($1);");

    private static readonly Regex GeneratedRegex =
        new(@"\[GeneratedRegex\((.*)\)\]\s*(private|internal|public) static partial Regex (\w+)\(\);");

    /// <summary>Makes fresh machines of the model as it is. Told true, one under the fair scheduler.</summary>
    public Func<bool, IMachine> Right() => Load(_right);

    /// <summary>Makes fresh machines with the bug.</summary>
    public Func<bool, IMachine> With(SourceBug bug)
    {
        var tree = _trees.GetValueOrDefault(bug.File) ?? throw new InvalidOperationException($"{bug.Name}: there is no file {bug.File}");
        string text = tree.ToString();
        int at = text.IndexOf(bug.Right, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(bug.Right, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"{bug.Name}: \"{bug.Right}\" is not once in {bug.File}; plant it anew");
        string wrong = string.Concat(text.AsSpan(0, at), bug.Wrong, text.AsSpan(at + bug.Right.Length));
        return Load(_right.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(wrong, Parsing, bug.File)));
    }

    private static Func<bool, IMachine> Load(CSharpCompilation compilation)
    {
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        if (!result.Success)
            throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5)));
        bytes.Position = 0;
        // What it refers to, the Abi above all, is what everybody else has.
        var assembly = new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(bytes);
        var machine = assembly.GetType("DmSim.Model.Machine.ModelMachine", throwOnError: true)!;
        object profile = assembly.GetType(typeof(KernelProfile).FullName!, throwOnError: true)!
            .GetField(nameof(KernelProfile.Linux61), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        return fair => (IMachine)Activator.CreateInstance(machine, profile, null, fair)!;
    }
}
