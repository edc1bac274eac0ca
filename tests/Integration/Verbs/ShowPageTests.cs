using System.Diagnostics;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>The page of dmsim show in a real browser.</summary>
[Category("browser")]
internal sealed class ShowPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dmsim-page-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>The page's own keys are pressed by a script behind it; the browser prints the document that this leaves.</summary>
    [Test]
    public void Chromium_steps_through_a_session()
    {
        string browser = FindBrowser();
        string operations = Path.Combine(_folder, "session.ops"), page = Path.Combine(_folder, "page.html");
        File.WriteAllText(operations, "setup loop-attach index=0 size=64s\ncreate name=d0\nload name=d0 line=\"0 64 linear 7:0 0\"\nresume name=d0\n");
        Assert.That(Run("dotnet", Path.Combine(AppContext.BaseDirectory, "dmsim.dll"), "show", operations, "--html", page).Status, Is.Zero);
        File.AppendAllText(page, "<script>for(const k of ['ArrowRight','ArrowRight','ArrowLeft','End','ArrowRight'])"
            + "{dispatchEvent(new KeyboardEvent('keydown',{key:k}));document.body.append('['+document.getElementById('where').textContent+': '"
            + "+s.filter(e=>!e.hidden).map(e=>e.id).join(' ')+']')}</script>");
        string dom = Run(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", $"--user-data-dir={Path.Combine(_folder, "profile")}", "--dump-dom", $"file://{page}").Output;
        Assert.That(dom, Does.Contain("[step 1 of 3: step1][step 2 of 3: step2][step 1 of 3: step1][step 3 of 3: step3][step 3 of 3: step3]"));
    }

    private static string FindBrowser()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (found is null)
            Assert.Ignore("Chromium is missing: install the package chromium to have the page tried in a browser.");
        return found!;
    }

    private static (int Status, string Output) Run(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} took longer than {Patience}");
        }
        return (process.ExitCode, output.Result + errors.Result);
    }
}
