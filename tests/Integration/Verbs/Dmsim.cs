using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using DmSim.Kernel.Vm;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>The dmsim command as a user starts it: a process of its own.</summary>
internal sealed class Dmsim : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly StringBuilder _errors = new();

    private Dmsim(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _lines.CompleteAdding();
                return;
            }
            _errors.Append(line.Data).Append('\n');
            _lines.Add(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    /// <summary>The next line of its errors, where progress is told as well; null when it has ended.</summary>
    public string? ProgressLine() => _lines.TryTake(out string? line, Limit) ? line : null;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Processes that this one has started and that still run.</summary>
    public IReadOnlyList<int> Children => [.. Directory.GetDirectories($"/proc/{ProcessId}/task").SelectMany(task =>
        File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse))];

    public static (int Status, string Output, string Errors) Run(string? cache, params string[] words)
    {
        using var dmsim = Start(cache, words);
        string output = dmsim.Output.ReadToEnd();
        var (status, errors) = dmsim.End();
        return (status, output, errors);
    }

    /// <summary>Standard output alone, one char per byte.</summary>
    public static string RunBinary(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "dmsim.dll"), .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = System.Text.Encoding.Latin1,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        Assert.That(process.WaitForExit(Limit), Is.True, "dmsim does not end");
        return output;
    }

    /// <param name="cache">The cache folder; null for the user's own.</param>
    public static Dmsim Start(string? cache, params string[] words)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "dmsim.dll"));
        foreach (string word in words)
            start.ArgumentList.Add(word);
        if (cache is not null)
            start.Environment["DMSIM_CACHE"] = cache;
        return new Dmsim(Process.Start(start)!);
    }

    public void Signal(string name) => Signal(ProcessId, name);

    public static void Signal(int process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public (int Status, string Errors) End()
    {
        Assert.That(_process.WaitForExit(Limit), Is.True, "dmsim does not end");
        // Without a limit also waits for the last line of its errors.
        _process.WaitForExit();
        return (_process.ExitCode, _errors.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _lines.Dispose();
    }

    /// <summary>The kernel to boot. Skips the test where no VM can be started; fails it where one is demanded.</summary>
    public static KernelImage RequireVm()
    {
        try
        {
            HostPrograms.Need("qemu-system-x86_64", "qemu-system-x86");
            return new KernelCache(CacheDirectory.Default()).FetchAsync(KernelCatalog.DefaultTag).GetAwaiter().GetResult();
        }
        catch (SetupException e)
        {
            if (Environment.GetEnvironmentVariable("DMSIM_REQUIRE_KERNEL") is { Length: > 0 })
                Assert.Fail(e.Message);
            Assert.Ignore(e.Message);
            throw;
        }
    }
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dmsim-test-").FullName;

    public string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
