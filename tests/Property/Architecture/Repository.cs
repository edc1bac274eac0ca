namespace DmSim.Property.Architecture;

/// <summary>A file of the repository: path relative to the root with forward slashes, and contents as they are on disk.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    /// <summary>Lines without their LF; a last LF makes no further line.</summary>
    public string[] Lines { get; } = (Text.EndsWith('\n') ? Text[..^1] : Text).Split('\n');

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);
}

/// <summary>The sources as they lie around the running tests: everything but what builds and tools make.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>All text files, in order of path.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = Read();

    public static IReadOnlyList<SourceFile> CSharp { get; } = [.. Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal))];

    private static readonly string[] Binary = [".gz", ".zst", ".xz", ".png", ".img", ".bin", ".jpg", ".snk"];
    private static readonly string[] Made = ["bin", "obj", "out", ".git", ".vs", ".idea", "TestResults", "BenchmarkDotNet.Artifacts", "artifacts"];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DmSim.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("the tests do not run inside the repository");
    }

    private static SourceFile[] Read()
    {
        var files = new List<SourceFile>();
        Collect(Root, files);
        return [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    private static void Collect(string folder, List<SourceFile> files)
    {
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            // In a worktree .git is a file; it is no source either.
            if (Path.GetFileName(path) != ".git" && !Binary.Contains(Path.GetExtension(path)))
                files.Add(new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path)));
        }
        foreach (string path in Directory.EnumerateDirectories(folder))
        {
            if (!Made.Contains(Path.GetFileName(path)))
                Collect(path, files);
        }
    }
}
