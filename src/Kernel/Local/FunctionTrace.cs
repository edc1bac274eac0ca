using DmSim.Kernel.Interop;
using DmSim.Kernel.Vm;

namespace DmSim.Kernel.Local;

/// <summary>
/// Which functions of device-mapper's modules run, by ftrace (Documentation/trace/ftrace.rst, 6.1). Each is told of once and then no
/// longer followed, so that a guest in which nothing new happens pays nothing.
/// </summary>
public sealed class FunctionTrace : IDisposable
{
    public const string Folder = "/sys/kernel/tracing";

    private const string AvailableFunctions = Folder + "/available_filter_functions";

    private const string Filter = Folder + "/set_ftrace_filter";

    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly ILookup<string, int> _places;
    private readonly int _pipe;

    private FunctionTrace(int pipe, ILookup<string, int> places) => (_pipe, _places) = (pipe, places);

    /// <summary>Null where the kernel has no function tracer.</summary>
    public static FunctionTrace? Start()
    {
        string tracers = Path.Combine(Folder, "available_tracers");
        if (!File.Exists(tracers) || !File.ReadAllText(tracers).Split((char[]?)null).Contains("function"))
            return null;
        var places = Lines().ToLookup(line => line.Function, line => line.Place, StringComparer.Ordinal);
        File.WriteAllText(Filter, string.Concat(places.SelectMany(name => name).Order().Select(place => $"{place} ")));
        File.WriteAllText(Path.Combine(Folder, "current_tracer"), "function");
        var errno = Libc.Open(Path.Combine(Folder, "trace_pipe"), Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0, out int pipe);
        return errno == Abi.Errno.None ? new FunctionTrace(pipe, places)
            : throw new SetupException($"{Folder}/trace_pipe cannot be read ({errno}): take a kernel without lockdown.");
    }

    /// <summary>
    /// The functions of the modules of drivers/md that are loaded, and on which line of the list they stand, from 1: by that number the filter
    /// finds a function at once, by its name it looks through all of the kernel's (match_records, kernel/trace/ftrace.c, 6.1).
    /// </summary>
    private static IEnumerable<(string Module, string Function, int Place)> Lines() => File.ReadLines(AvailableFunctions)
        .Select((line, i) => (Words: line.Split(' ', '[', ']'), Place: i + 1))
        .Where(line => line.Words.Length > 2 && line.Words[2].StartsWith("dm_", StringComparison.Ordinal))
        .Select(line => (line.Words[2], line.Words[0], line.Place));

    /// <summary>All that can be followed, as "module:function".</summary>
    public static IReadOnlyList<string> Available() => !File.Exists(AvailableFunctions) ? []
        : [.. Lines().Select(line => $"{line.Module}:{line.Function}").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Forgets what ran until now.</summary>
    public static void Clear() => File.WriteAllText(Path.Combine(Folder, "trace"), "");

    /// <summary>The name of each that ran for the first time since the last look.</summary>
    public IReadOnlyList<string> TakeNew()
    {
        List<string>? names = null;
        while (true)
        {
            var result = Libc.Read(_pipe, _buffer);
            if (result.Errno != Abi.Errno.None || result.Count == 0)
                break;
            // A read gives whole lines.
            foreach (string line in System.Text.Encoding.ASCII.GetString(_buffer, 0, result.Count).Split('\n'))
            {
                if (FunctionOf(line) is { } name && _told.Add(name))
                    (names ??= []).Add(name);
            }
        }
        if (names is null)
            return [];
        // "!" leaves it out from now on.
        using var filter = new FileStream(Filter, FileMode.Append, FileAccess.Write);
        filter.Write(System.Text.Encoding.ASCII.GetBytes(string.Concat(names.SelectMany(name => _places[name]).Select(place => $"!{place} "))));
        return names;
    }

    /// <summary>"  dmsim-1  [000] ...1. 12.345678: dm_table_create &lt;-table_load": the function, or null for another line.</summary>
    internal static string? FunctionOf(string line)
    {
        int caller = line.IndexOf(" <-", StringComparison.Ordinal);
        int start = caller < 0 ? -1 : line.LastIndexOf(' ', caller - 1);
        return start < 0 ? null : line[(start + 1)..caller];
    }

    public void Dispose() => Libc.Close(_pipe);
}
